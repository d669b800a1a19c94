/** Azure role definitions: the built-in ones that matter here, and custom ones. */
import { BUILT_IN_ROLES } from './built-in-roles.ts';
import { isScopeWithin } from './scopes.ts';

export interface RolePermission {
  readonly actions: readonly string[];
  readonly notActions: readonly string[];
  readonly dataActions: readonly string[];
  readonly notDataActions: readonly string[];
}

export interface RoleDefinition {
  /** The definition's GUID. */
  readonly name: string;
  readonly roleName: string;
  readonly description: string;
  readonly isCustom: boolean;
  /** Where it may be assigned; `/` is everywhere. */
  readonly assignableScopes: readonly string[];
  readonly permissions: readonly RolePermission[];
}

export class RoleDefinitionStore {
  readonly #definitions = new Map<string, RoleDefinition>(
    BUILT_IN_ROLES.map((definition) => [definition.name, definition]),
  );
  readonly #patterns = new Map<string, RegExp>();

  get(name: string): RoleDefinition | undefined {
    return this.#definitions.get(name.toLowerCase());
  }

  /** Definitions that may be assigned at `scope`. */
  listAt(scope: string): readonly RoleDefinition[] {
    return [...this.#definitions.values()].filter((definition) =>
      definition.assignableScopes.some((assignable) => isScopeWithin(scope, assignable)),
    );
  }

  list(): readonly RoleDefinition[] {
    return [...this.#definitions.values()];
  }

  /** Adds or replaces a custom definition. */
  put(definition: RoleDefinition): void {
    this.#definitions.set(definition.name.toLowerCase(), definition);
  }

  remove(name: string): void {
    this.#definitions.delete(name.toLowerCase());
  }

  /** Whether a definition allows `action`, for example `Microsoft.Authorization/roleAssignments/write`. */
  allowsAction(definition: RoleDefinition, action: string): boolean {
    return definition.permissions.some(
      ({ actions, notActions }) => this.#matchesAny(actions, action) && !this.#matchesAny(notActions, action),
    );
  }

  /** The same for what is done to data, for example `Microsoft.KeyVault/vaults/secrets/getSecret/action`. */
  allowsDataAction(definition: RoleDefinition, action: string): boolean {
    return definition.permissions.some(
      ({ dataActions, notDataActions }) =>
        this.#matchesAny(dataActions, action) && !this.#matchesAny(notDataActions, action),
    );
  }

  /** `*` stands for any text, slashes included; case does not count. */
  #matchesAny(patterns: readonly string[], action: string): boolean {
    return patterns.some((pattern) => {
      const compiled = this.#patterns.get(pattern) ?? compilePattern(pattern);
      this.#patterns.set(pattern, compiled);
      return compiled.test(action);
    });
  }
}

function compilePattern(pattern: string): RegExp {
  const escaped = pattern.split('*').map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${escaped.join('.*')}$`, 'i');
}
