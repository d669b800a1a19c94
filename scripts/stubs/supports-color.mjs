// In place of the package `supports-color`, which `debug` loads if it can: a plugin's stderr is read by the host.
export default false;
