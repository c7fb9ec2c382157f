// What a browser does with a sign-in: follows redirections and keeps cookies. node browser.mjs URL [URL…] prints each end as JSON.
const jar = new Map();

async function visit(url) {
  const steps = [];
  for (let hop = 0; hop < 20; hop += 1) {
    const host = new URL(url).host;
    const cookies = [...(jar.get(host) ?? new Map()).entries()].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(url, { redirect: 'manual', headers: cookies ? { cookie: cookies } : {} });
    const set = response.headers.getSetCookie();
    for (const cookie of set) {
      const [pair] = cookie.split(';');
      const at = pair.indexOf('=');
      if (!jar.has(host)) jar.set(host, new Map());
      jar.get(host).set(pair.slice(0, at), pair.slice(at + 1));
    }
    steps.push({ url, status: response.status, set });
    const location = response.headers.get('location');
    if (response.status < 300 || response.status > 399 || !location) {
      return { steps, status: response.status, body: await response.text() };
    }
    url = new URL(location, url).href;
  }
  throw new Error('too many redirections');
}

const ends = [];
for (const url of process.argv.slice(2)) {
  // CALLBACK stands for the address to which the issuer sent the browser back last.
  const back = ends.flatMap((end) => end.steps).map((step) => step.url).filter((known) => known.includes('/callback?')).pop();
  ends.push(await visit(url === 'CALLBACK' ? back : url));
}
console.log(JSON.stringify(ends));
