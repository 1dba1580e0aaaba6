// real_provider.mjs WALK - hub/signin against a certified OpenID Connect provider (npm oidc-provider) on loopback.
// It is the service, the browser and the person who signs in; WALK (walk.c) is the board.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import readline from 'node:readline';
import { test } from 'node:test';
import { Provider } from 'oidc-provider';

const walk = process.env.SIGNIN_WALK;
const redirect = 'http://127.0.0.1:7480/sign-in/return';
const subject = '248289761001';

function key(kind, options, extra) {
  return { ...generateKeyPairSync(kind, options).privateKey.export({ format: 'jwk' }), use: 'sig', ...extra };
}

const algorithms = ['RS256', 'PS256', 'ES256', 'EdDSA'];
const server = http.createServer();
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const issuer = `http://127.0.0.1:${server.address().port}`;
const provider = new Provider(issuer, {
  jwks: { keys: [
    key('rsa', { modulusLength: 2048 }, { kid: 'r' }),
    key('ec', { namedCurve: 'P-256' }, { kid: 'e', alg: 'ES256' }),
    key('ed25519', {}, { kid: 'd', alg: 'EdDSA' }),
  ] },
  enabledJWA: { idTokenSigningAlgValues: [...algorithms, 'RS512'] },
  clients: [...algorithms, 'RS512'].map((algorithm) => ({
    client_id: `board-${algorithm}`,
    application_type: 'native',
    token_endpoint_auth_method: 'none',
    redirect_uris: [redirect],
    id_token_signed_response_alg: algorithm,
  })),
  findAccount: (context, id) => ({ accountId: id, claims: () => ({ sub: id, name: 'Sam Okonjo' }) }),
  features: { devInteractions: { enabled: false } },
  interactions: { url: (context, interaction) => `/interaction/${interaction.uid}` },
  cookies: { keys: ['only for this test'] },
});

// The person: signs in, and lets the board know who they are.
async function interact(request, response) {
  const { prompt, params, session } = await provider.interactionDetails(request, response);
  if (prompt.name === 'login') {
    return provider.interactionFinished(request, response, { login: { accountId: subject } });
  }
  const grant = new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
  grant.addOIDCScope('openid profile');
  return provider.interactionFinished(request, response, { consent: { grantId: await grant.save() } }, { mergeWithLastSubmission: true });
}

const answer = provider.callback();
server.on('request', (request, response) => (request.url.startsWith('/interaction/') ? interact(request, response) : answer(request, response)));

// The browser: follows redirects with its cookies until the board's own address.
async function browse(url) {
  const cookies = new Map();
  for (let at = url; ;) {
    if (at.startsWith(redirect)) return at;
    const response = await fetch(at, { redirect: 'manual', headers: { cookie: [...cookies].map(([n, v]) => `${n}=${v}`).join('; ') } });
    for (const line of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
      cookies.set(name, value);
    }
    const next = response.headers.get('location');
    assert.ok(next, `${response.status} at ${at}`);
    at = new URL(next, at).href;
  }
}

async function signIn({ client = 'board-RS256', lie = 'none', at = issuer } = {}) {
  const board = spawn(walk, [at, client, lie], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = readline.createInterface({ input: board.stdout })[Symbol.asyncIterator]();
  const first = (await lines.next()).value;
  if (!first.startsWith('go ')) return first;
  board.stdin.end(`${await browse(first.slice(3))}\n`);
  const last = (await lines.next()).value;
  const [code] = board.exitCode === null ? await once(board, 'exit') : [board.exitCode];
  assert.equal(code, 0);
  return last;
}

for (const algorithm of algorithms) {
  test(`a person signs in with ${algorithm}`, async () => {
    assert.equal(await signIn({ client: `board-${algorithm}` }), `signed in ${subject}`);
  });
}
for (const [what, options, words] of [
  ['an algorithm outside the list', { client: 'board-RS512' }, 'it is not signed by RS256, PS256, ES256 or EdDSA'],
  ['the answer to another sign-in', { lie: 'nonce' }, 'it answers another sign-in (nonce)'],
  ['a return that this browser did not ask for', { lie: 'state' }, 'this browser did not begin that sign-in'],
  ['a code without its verifier', { lie: 'verifier' }, 'said no: invalid_grant'],
  ['an answer two hours old', { lie: 'later' }, 'it has expired'],
  ['a service that calls itself otherwise', { at: issuer.replace('127.0.0.1', 'localhost') }, 'calls itself otherwise'],
]) {
  test(`${what} is refused`, async () => {
    const said = await signIn(options);
    assert.ok(said.startsWith('refused ') && said.includes(words), said);
  });
}
test.after(() => { server.closeAllConnections(); server.close(); });
