// A real OpenID Connect provider on loopback: node provider.mjs FOLDER PORT KEYS REDIRECT
// FOLDER keeps its keys, so that another start of it is the same issuer; KEYS names those that it publishes, the first of which signs.
// GET /forge/KIND gives a token that something is wrong with. Who comes to sign in is signed in: nobody types a password in a test.
import fs from 'node:fs';
import path from 'node:path';
import { exportJWK, exportSPKI, generateKeyPair, importJWK, SignJWT } from 'jose';
import { Provider } from 'oidc-provider';

const [folder, port, published, redirect] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;
const audience = 'https://hotwash.example.org/api';

async function key(name) {
  const file = path.join(folder, `${name}.json`);
  if (!fs.existsSync(file)) {
    const alg = name.startsWith('e') ? 'ES256' : 'RS256';
    const { privateKey } = await generateKeyPair(alg, { extractable: true });
    fs.writeFileSync(file, JSON.stringify({ ...(await exportJWK(privateKey)), kid: name, alg, use: 'sig' }));
  }
  return JSON.parse(fs.readFileSync(file));
}

const keys = await Promise.all(published.split(',').map(key));
const provider = new Provider(issuer, {
  jwks: { keys },
  clients: [
    { client_id: 'report', redirect_uris: [redirect], token_endpoint_auth_method: 'none', grant_types: ['authorization_code'], response_types: ['code'] },
    { client_id: 'program', client_secret: 'a-secret-of-the-test', token_endpoint_auth_method: 'client_secret_post', redirect_uris: [], response_types: [], grant_types: ['client_credentials'] },
  ],
  claims: { openid: ['sub', 'roles', 'name', 'email'] },
  conformIdTokenClaims: false,
  cookies: { keys: ['a-cookie-key-of-the-test'] },
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({ sub: id, roles: ['hcc-region-3'], name: 'Somebody Unnamed', email: 'somebody@example.org' }),
  }),
  extraTokenClaims: () => ({ roles: ['hcc-staff'] }),
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => undefined,
      useGrantedResource: () => true,
      getResourceServerInfo: () => ({ scope: '', audience, accessTokenFormat: 'jwt', jwt: { sign: { alg: 'RS256' } } }),
    },
  },
  interactions: { url: (_, interaction) => `/enter/${interaction.uid}` },
});

const now = () => Math.floor(Date.now() / 1000);
const usual = () => ({ iss: issuer, aud: audience, sub: 'somebody', iat: now(), exp: now() + 600, roles: ['hcc-region-3'] });
const sign = async (claims, header = {}, name = 'a') => {
  const jwk = await key(name);
  return new SignJWT({ ...usual(), ...claims })
    .setProtectedHeader({ alg: jwk.alg, kid: jwk.kid, typ: 'at+jwt', ...header })
    .sign(await importJWK(jwk, header.alg ?? jwk.alg), { crit: { future: true } });
};
const encoded = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
const without = (name) => sign({ [name]: undefined });

const forged = {
  good: () => sign({}),
  curve: () => sign({}, {}, 'e'),
  'other-key': () => sign({}, {}, 'b'),
  'late-but-within-skew': () => sign({ exp: now() - 20 }),
  none: () => `${encoded({ alg: 'none', kid: 'a', typ: 'at+jwt' })}.${encoded(usual())}.`,
  'hmac-with-public-key': async () => {
    const jwk = await key('a');
    const pem = await exportSPKI(await importJWK({ kty: jwk.kty, n: jwk.n, e: jwk.e }, 'RS256', { extractable: true }));
    return new SignJWT(usual()).setProtectedHeader({ alg: 'HS256', kid: 'a', typ: 'at+jwt' }).sign(new TextEncoder().encode(pem));
  },
  'other-hash': () => sign({}, { alg: 'RS512' }),
  'wrong-type': () => sign({}, { typ: 'logout+jwt' }),
  critical: () => sign({}, { crit: ['future'], future: true }),
  expired: () => sign({ exp: now() - 120 }),
  early: () => sign({ nbf: now() + 120 }),
  'early-as-text': () => sign({ nbf: 'tomorrow' }),
  'issued-later': () => sign({ iat: now() + 120 }),
  'without-end': () => without('exp'),
  'without-subject': () => without('sub'),
  audience: () => sign({ aud: 'https://other.example.org' }),
  'without-audience': () => without('aud'),
  issuer: () => sign({ iss: 'https://evil.example.org' }),
  'id-token': () => sign({ nonce: 'x' }, { typ: 'JWT' }),
  stranger: () => sign({}, { kid: 'a' }, 'stranger'),
  'no-role': () => sign({ roles: ['cooks'] }),
  changed: async () => {
    const [head, , tail] = (await sign({})).split('.');
    return `${head}.${encoded({ ...usual(), roles: ['hcc-staff'] })}.${tail}`;
  },
};

provider.use(async (ctx, next) => {
  const [, door, kind] = ctx.path.split('/');
  if (door === 'forge') {
    ctx.body = await forged[kind]();
  } else if (door === 'enter') {
    const details = await provider.interactionDetails(ctx.req, ctx.res);
    const grant = new provider.Grant({ accountId: 'somebody', clientId: details.params.client_id });
    grant.addOIDCScope('openid');
    const grantId = await grant.save();
    await provider.interactionFinished(ctx.req, ctx.res, { login: { accountId: 'somebody' }, consent: { grantId } });
    ctx.respond = false;
  } else {
    await next();
  }
});

provider.listen(Number(port), '127.0.0.1', () => console.log('ready'));
