import { createHmac } from 'node:crypto';

const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

export function claims(token) {
  return JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString());
}

/** A token as the server would sign it, or as somebody would forge it. */
export function sign(payload, secret, header = { alg: 'HS256', typ: 'JWT' }) {
  const text = `${encode(header)}.${encode(payload)}`;
  if (header.alg === 'none') return `${text}.`;
  const hash = header.alg === 'HS512' ? 'sha512' : 'sha256';
  return `${text}.${createHmac(hash, secret).update(text).digest('base64url')}`;
}
