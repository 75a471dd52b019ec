import { byId } from './dom.js';

const keyName = 'cobra-key';
let key = sessionStorage.getItem(keyName);
let asking = null;

/** What the service says is wrong. */
export class Problem extends Error {
  constructor(status, body) {
    super(body?.detail ?? `The service answered ${status}.`);
    this.status = status;
    this.refused = body?.refused ?? [];
  }
}

function askForKey() {
  asking ??= new Promise((resolve) => {
    const dialog = byId('key-dialog');
    byId('key').value = '';
    dialog.addEventListener('close', () => {
      key = byId('key').value;
      sessionStorage.setItem(keyName, key);
      asking = null;
      resolve();
    }, { once: true });
    dialog.showModal();
  });
  return asking;
}

async function send(path, options = {}) {
  while (true) {
    const sent = key;
    const response = await fetch(path, { ...options, headers: { ...options.headers, ...(sent ? { 'X-Api-Key': sent } : {}) } });
    if (response.ok) return response;
    if (response.status !== 401) throw new Problem(response.status, await response.json().catch(() => null));
    // Not when another request was given a key while this one was on its way without it.
    if (key === sent) await askForKey();
  }
}

export const getJson = async (path) => (await send(path)).json();

/** The product that is looked at; null where the service has one model. */
let product = null;

export const setProduct = (name) => { product = name; };

/** An address that asks for the product's own. */
export const ofProduct = (path) => (product === null ? path : `${path}${path.includes('?') ? '&' : '?'}product=${encodeURIComponent(product)}`);

export async function scoreFiles(files) {
  const form = new FormData();
  for (const file of files) form.append('images', file, file.name || 'pasted.png');
  return (await send(ofProduct('/v1/score'), { method: 'POST', body: form })).json();
}

/** An address for <img>: the service's own, or the fetched picture's when a key must be sent along. */
export async function pictureUrl(path) {
  return key ? URL.createObjectURL(await (await send(path)).blob()) : path;
}

/** A picture that is computed on demand, as an address that the caller revokes. */
export const fetchPicture = async (path) => URL.createObjectURL(await (await send(path)).blob());
