/** Where the page lives. Everything - API, socket, links - follows `<base>`, so that any path in front of it works. */
export const BASE = new URL('.', document.baseURI);

export const API = new URL('api/', BASE);

export const SOCKET_PATH = `${BASE.pathname}socket.io/`;

export function sessionLink(sessionId: string): string {
  return new URL(`s/${sessionId}`, BASE).href;
}
