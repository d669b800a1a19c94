/** The rules of automated root rotation in `config`. */
import { InvalidRequestError } from '../../errors.ts';
import type { ConfigRecord } from './model-config.ts';

/**
 * The rules of automated rotation, and that this version does not have it.
 * Texts: Vault SDK v0.20.0, helper/automatedrotationutil.
 */
export function checkRotation(config: ConfigRecord): void {
  const { rotationSchedule, rotationPeriodSeconds, rotationWindowSeconds } = config;
  if (rotationSchedule !== '' && rotationPeriodSeconds !== 0) {
    throw new InvalidRequestError(
      'mutually exclusive fields rotation_schedule and rotation_period were both specified; only one of them can be provided',
    );
  }
  if (rotationWindowSeconds !== 0 && rotationPeriodSeconds !== 0) {
    throw new InvalidRequestError('rotation_window does not apply to period');
  }
  if (rotationWindowSeconds !== 0 && rotationSchedule === '') {
    throw new InvalidRequestError('cannot use rotation_window without rotation_schedule');
  }
  const isScheduled = rotationSchedule !== '' || rotationPeriodSeconds !== 0;
  // A suspended schedule rotates nothing, and the Go plugin stores it on every edition.
  if (isScheduled && !config.disableAutomatedRotation) {
    throw new InvalidRequestError(
      'rotation_schedule and rotation_period are not available in this version: rotate the root secret with rotate-root',
    );
  }
}
