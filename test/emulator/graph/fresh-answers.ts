/** What a replica says about an application that has not reached it: the set answers, in turn. */
import type { FreshApplicationAnswer } from '../settings.ts';
import { noBackingApplicationObject, notInLocalTenant, resourceNotFound, type GraphError } from './errors.ts';

export class FreshAnswers {
  #count = 0;

  next(answers: readonly FreshApplicationAnswer[], appId: string): GraphError {
    const answer = answers[this.#count % answers.length] ?? 'noBackingApplicationObject';
    this.#count += 1;
    switch (answer) {
      case 'noBackingApplicationObject':
        return noBackingApplicationObject(appId);
      case 'localTenant':
        return notInLocalTenant();
      case 'notFound':
        return resourceNotFound(appId);
    }
  }
}
