import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import tls from 'node:tls';
import { Redis } from './redis.js';

const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

/** Somebody who vouches for servers, and the files of all; they are gone with the test. */
export class Authority {
  #directory = fs.mkdtempSync(path.join(os.tmpdir(), 'roundtable-ca-'));
  #served = 0;

  constructor(name = 'Roundtable tests') {
    process.on('exit', () => fs.rmSync(this.#directory, { recursive: true, force: true }));
    const subject = ['-subj', `/CN=${name}`, '-days', '2', '-addext', 'keyUsage=critical,keyCertSign,cRLSign'];
    this.#openssl('req', '-x509', ...KEY, '-keyout', this.#file('ca.key'), '-out', this.certificate, ...subject);
  }

  /** The file that whoever trusts it has. */
  get certificate() {
    return this.#file('ca.crt');
  }

  /** The files of a server of these names, and the flags that make a Redis use them. */
  serve(names = 'IP:127.0.0.1,DNS:localhost') {
    const name = `server-${++this.#served}`;
    const [key, request, certificate, extensions] = ['key', 'csr', 'crt', 'ext'].map((kind) => this.#file(`${name}.${kind}`));
    fs.writeFileSync(extensions, `subjectAltName=${names}\nbasicConstraints=CA:FALSE\n`);
    this.#openssl('req', ...KEY, '-keyout', key, '-out', request, '-subj', `/CN=${name}`);
    const signed = ['-CA', this.certificate, '-CAkey', this.#file('ca.key'), '-CAcreateserial', '-days', '2', '-extfile', extensions];
    this.#openssl('x509', '-req', '-in', request, '-out', certificate, ...signed);
    return ['--tls-cert-file', certificate, '--tls-key-file', key, '--tls-ca-cert-file', this.certificate, '--tls-auth-clients', 'no'];
  }

  #openssl(...words) {
    execFileSync('openssl', words, { stdio: ['ignore', 'ignore', 'pipe'] });
  }

  #file(name) {
    return path.join(this.#directory, name);
  }
}

/** A Redis that speaks only TLS; `flags` are those that `serve` has answered and perhaps more. */
export class TlsRedis extends Redis {
  get url() {
    return `rediss://127.0.0.1:${this.port}`;
  }

  /** For the tests it is known by its port alone. */
  dial() {
    return tls.connect({ host: '127.0.0.1', port: this.port, rejectUnauthorized: false });
  }

  listening() {
    return ['--port', '0', '--tls-port', String(this.port)];
  }

  /** From now on only this user is let in, with this password. */
  async admitOnly(user, password) {
    await this.cli('ACL', 'SETUSER', user, 'on', `>${password}`, '~*', '&*', '+@all');
    await this.cli('ACL', 'SETUSER', 'default', 'off');
  }

  /** The address for this user. */
  urlFor(user, password) {
    return this.url.replace('://', `://${encodeURIComponent(user)}:${encodeURIComponent(password)}@`);
  }
}
