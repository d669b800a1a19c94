/** The plugin's own version: what it reports to the host, which compares it character by character. */

/** With a leading `v`, as catalogs of hosts want it. Equals package.json by test. */
export const PLUGIN_VERSION = 'v0.1.0';
