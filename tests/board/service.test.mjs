// Signing in at an organisation's own service that others made (npm's oidc-provider), in a browser, and what that service's tokens may not be:
// each lie is signed by the service's own key, so that nothing but the one claim is wrong.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { closeBrowser, openBrowser } from './desk.mjs';
import { raise } from './stage.mjs';

const tools = createRequire(join(process.env.MASHHUB_TOOLS, 'package.json'));
const SECRET = 'a-secret-of-the-client-that-is-long-enough';
const SUBJECT = 'j.example.02';

let stage, service, tell, jose, keys;
let lie = null; // (claims, header) => [claims, header]: what becomes of the next ID token

before(async () => {
  stage = await raise();
  const { default: Provider } = await import(pathToFileURL(tools.resolve('oidc-provider')));
  jose = await import(pathToFileURL(createRequire(tools.resolve('oidc-provider')).resolve('jose')));
  keys = Object.fromEntries(await Promise.all(['RS256', 'PS256', 'ES256', 'EdDSA'].map(async (alg) =>
    [alg, await jose.exportJWK((await jose.generateKeyPair(alg, { extractable: true })).privateKey)])));
  const jwks = { keys: Object.entries(keys).map(([alg, key]) => ({ ...key, alg, kid: alg, use: 'sig' })) };
  service = createServer();
  await new Promise((go) => service.listen(0, '127.0.0.1', go));
  const issuer = `http://127.0.0.1:${service.address().port}`;
  let answer = null;
  service.on('request', (...all) => answer(...all));
  tell = async (alg, secret = '') => {
    const provider = new Provider(issuer, {
      jwks,
      cookies: { keys: ['one of this test'] },
      enabledJWA: { idTokenSigningAlgValues: Object.keys(keys) },
      findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
      clients: [{
        client_id: 'board',
        ...(secret === '' ? { token_endpoint_auth_method: 'none' } : { client_secret: secret }),
        application_type: 'native',
        redirect_uris: [`${stage.url}/sign-in/return`],
        id_token_signed_response_alg: alg,
      }],
    });
    provider.use(async (context, next) => {
      await next();
      if (lie === null || context.oidc?.route !== 'token' || context.body?.id_token === undefined) return;
      const [claims, header, key] = lie(jose.decodeJwt(context.body.id_token), jose.decodeProtectedHeader(context.body.id_token));
      context.body = { ...context.body, id_token: await sign(claims, header, key) };
    });
    answer = provider.callback();
    await stage.do('sign_in_at', { issuer, subjects: { 'hc-2': SUBJECT }, secret });
  };
});
after(async () => {
  await closeBrowser();
  service?.close();
  service?.closeAllConnections();
  await stage?.end();
});

const part = (what) => Buffer.from(JSON.stringify(what)).toString('base64url');
async function sign(claims, header, key) {
  if (header.alg === 'none') return `${part(header)}.${part(claims)}.`;
  const wanted = key ?? await jose.importJWK(keys[header.alg], header.alg);
  return new jose.SignJWT(claims).setProtectedHeader(header).sign(wanted);
}

// From the board to the service, through its two pages, and back. The page one comes back to.
async function goThrough(login, visit) {
  const context = await (await openBrowser()).newContext({ locale: 'en-GB' });
  context.setDefaultTimeout(120000);
  const page = await context.newPage();
  try {
    await page.goto(`${stage.url}/sign-in`);
    await page.getByText('your organisation').click();
    await page.locator('input[name=login]').fill(login);
    await page.locator('input[name=password]').fill('whatever the service takes');
    await page.getByRole('button', { name: 'Sign-in' }).click();
    const [back] = await Promise.all([
      page.waitForResponse((answer) => answer.url().startsWith(`${stage.url}/`) && answer.status() !== 303 && answer.request().isNavigationRequest()),
      page.getByRole('button', { name: 'Continue' }).click(),
    ]);
    await page.waitForLoadState();
    await visit(page, back.status());
  } finally {
    await context.close();
  }
}

const signedIn = async (page, status) => {
  assert.equal(status, 200);
  await page.getByRole('button', { name: 'Sign out' }).waitFor();
};

for (const [alg, secret] of [['RS256', ''], ['PS256', SECRET], ['ES256', ''], ['EdDSA', SECRET]]) {
  test(`by ${alg}, the client ${secret === '' ? 'public' : 'with a secret'}, a colleague is signed in`, async () => {
    await tell(alg, secret);
    lie = null;
    await goThrough(SUBJECT, signedIn);
  });
}

test('a client whose secret the service does not know signs nobody in', async () => {
  await tell('RS256', SECRET);
  await stage.do('sign_in_at', { issuer: `http://127.0.0.1:${service.address().port}`, subjects: { 'hc-2': SUBJECT }, secret: 'another' });
  await goThrough(SUBJECT, async (page, status) => {
    assert.notEqual(status, 200);
    assert.match(await page.locator('main').innerText(), /You are not signed in: .*invalid_client/);
  });
});

test('whom the service knows and the board does not is not let in, and no log names them', async () => {
  await tell('RS256');
  await goThrough('a.stranger.77', async (page, status) => {
    assert.equal(status, 403);
    assert.match(await page.locator('main').innerText(), /You are not signed in/);
  });
  assert.doesNotMatch((await stage.do('log')).board, /stranger|j\.example/);
});

const LIES = {
  audience: [(claims, header) => [{ ...claims, aud: 'another-client' }, header], 'another client (aud)'],
  'two audiences, of which another is the party': [(claims, header) => [{ ...claims, aud: ['board', 'other'], azp: 'other' }, header], 'azp'],
  nonce: [(claims, header) => [{ ...claims, nonce: 'of-another-sign-in' }, header], 'another sign-in (nonce)'],
  issuer: [(claims, header) => [{ ...claims, iss: 'https://login.elsewhere.test' }, header], 'another issuer'],
  'algorithm none': [(claims) => [claims, { alg: 'none' }], 'not signed by'],
  'algorithm HS256 with the public key as its secret': [
    (claims) => [claims, { alg: 'HS256', kid: 'RS256' }, new TextEncoder().encode(JSON.stringify({ n: keys.RS256.n, e: keys.RS256.e }))], 'not signed by'],
  expiry: [(claims, header) => [{ ...claims, iat: claims.iat - 7200, exp: claims.iat - 3600 }, header], 'expired'],
  'a time to come': [(claims, header) => [{ ...claims, iat: claims.iat + 7200, exp: claims.iat + 9000 }, header], 'iat'],
  'no subject': [({ sub, ...claims }, header) => [claims, header], 'sub'],
};

test('none of the tokens that are wrong in one thing signs anybody in', async (t) => {
  await tell('RS256');
  for (const [what, [wrong, words]] of Object.entries(LIES)) {
    await t.test(what, async () => {
      lie = wrong;
      await goThrough(SUBJECT, async (page, status) => {
        assert.equal(status, 403);
        const said = await page.locator('main').innerText();
        assert.ok(said.includes('You are not signed in') && said.includes(words), said);
      });
    });
  }
  lie = null;
  await goThrough(SUBJECT, signedIn); // and the truth, after all of them, does
});
