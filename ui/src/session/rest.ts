/** Calls of the REST API. A refusal has the server's words; anything else means that nobody answered. */
const PATIENCE_MS = 10_000;

/** The server said no. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly reason: string,
  ) {
    super(reason);
  }
}

/** No answer: the call may or may not have happened, and repeating it is safe. */
export class Unreachable extends Error {}

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

export class Rest {
  constructor(
    private readonly api: URL,
    private readonly token?: string,
  ) {}

  get<T>(path: string): Promise<T> {
    return this.#call<T>('GET', path);
  }

  post<T>(path: string, body: object = {}): Promise<T> {
    return this.#call<T>('POST', path, body);
  }

  put<T>(path: string, body: object = {}): Promise<T> {
    return this.#call<T>('PUT', path, body);
  }

  delete<T>(path: string): Promise<T> {
    return this.#call<T>('DELETE', path);
  }

  /** A file as the server sends it, without an envelope. */
  async file(path: string): Promise<Blob> {
    const answer = await this.#fetch('GET', path);
    if (!answer.ok) throw new Refusal(answer.status, await reasonOf(answer));
    return answer.blob();
  }

  async #call<T>(method: Method, path: string, body?: object): Promise<T> {
    const answer = await this.#fetch(method, path, body);
    if (!answer.ok) throw new Refusal(answer.status, await reasonOf(answer));
    return ((await answer.json()) as { data: T }).data;
  }

  async #fetch(method: Method, path: string, body?: object): Promise<Response> {
    const headers: Record<string, string> = { 'content-type': 'application/json' };
    if (this.token) headers.authorization = `Bearer ${this.token}`;
    try {
      return await fetch(new URL(path, this.api), {
        method,
        headers,
        body: body && JSON.stringify(body),
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
    } catch {
      throw new Unreachable();
    }
  }
}

/** The most telling text of a refusal: the first violated field, else the error itself. */
async function reasonOf(answer: Response): Promise<string> {
  // A proxy in front of a server that restarts answers pages of its own.
  if (answer.status === 502 || answer.status === 503 || answer.status === 504) throw new Unreachable();
  const body = await answer.json().catch(() => ({}));
  return body.details?.[0]?.message ?? body.error ?? body.message ?? '';
}
