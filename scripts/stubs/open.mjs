// In place of the package `open`: only interactive login in a browser would call it, and a plugin has no browser.
export default function open() {
  throw new Error('opening a browser is not possible in a plugin');
}
export const apps = {};
