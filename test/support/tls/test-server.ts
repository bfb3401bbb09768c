import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'

/**
 * Of a server on this machine (localhost, 127.0.0.1, ::1), valid from 2020 to 2119; the key guards nothing. Made
 * with OpenSSL 3.0, as no earlier one takes dates: `openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256
 * -nodes -keyout key.pem`, then `openssl ca -selfsign -startdate 20200101000000Z -enddate 21200101000000Z` with
 * the extensions `basicConstraints = critical,CA:TRUE` and `subjectAltName = DNS:localhost,IP:127.0.0.1,IP:::1`.
 */
export const TEST_SERVER = {
  cert: readFileSync(join(import.meta.dirname, 'certificate.pem'), 'utf8'),
  key: readFileSync(join(import.meta.dirname, 'key.pem'), 'utf8'),
}

const ORDINARY = getCACertificates('default')

/** Makes this process trust the certificate, as an operator would. */
export function trustTestServer(): void {
  setDefaultCACertificates([...ORDINARY, TEST_SERVER.cert])
}

/** Stops trusting it. */
export function distrustTestServer(): void {
  setDefaultCACertificates(ORDINARY)
}
