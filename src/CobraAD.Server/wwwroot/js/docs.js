import { byId, element } from './dom.js';
import { startTheme } from './theme.js';

const methods = ['get', 'post', 'put', 'delete'];

/** An example of a schema, built from its types. */
function example(schema, document, depth = 0) {
  if (schema?.$ref) return depth > 5 ? {} : example(document.components.schemas[schema.$ref.split('/').pop()], document, depth + 1);
  const variants = schema?.oneOf ?? schema?.anyOf;
  if (variants) return example(variants.find((variant) => variant.type !== 'null') ?? variants[0], document, depth + 1);
  if (schema?.enum) return schema.enum[0];
  const type = [schema?.type].flat().find((name) => name !== 'null');
  if (schema?.properties) return Object.fromEntries(Object.entries(schema.properties).map(([name, property]) => [name, example(property, document, depth + 1)]));
  if (type === 'array') return [example(schema.items, document, depth + 1)];
  return { integer: 0, number: 0.5, boolean: true, string: schema?.format === 'date-time' ? '2026-01-01T12:00:00Z' : 'text' }[type] ?? null;
}

function parameterTable(parameters) {
  const body = element('tbody', {});
  for (const parameter of parameters) {
    const type = [parameter.schema?.type ?? 'string'].flat().filter((name) => name !== 'null' && name !== 'string' || parameter.schema?.type === 'string').join(', ');
    body.append(element('tr', {}, element('td', {}, element('code', {}, parameter.name)), element('td', {}, parameter.in), element('td', {}, type), element('td', {}, parameter.required ? 'required' : parameter.schema?.default !== undefined ? `default ${parameter.schema.default}` : 'optional')));
  }
  return element('table', {}, element('thead', {}, element('tr', {}, ...['Name', 'In', 'Type', ''].map((title) => element('th', { scope: 'col' }, title)))), body);
}

function curl(method, path, operation) {
  const types = Object.keys(operation.requestBody?.content ?? {});
  const body = types.includes('multipart/form-data') ? ' -F images=@part.png' : types.length > 0 ? ` -H 'Content-Type: ${types[0]}' --data-binary @model.onnx` : '';
  return `curl${method === 'get' ? '' : ` -X ${method.toUpperCase()}`} ${location.origin}${path.replace('{id}', '1')}${body}`;
}

function describe(method, path, operation, document) {
  const card = element('details', { className: 'card operation' }, element('summary', {},
    element('span', { className: 'method' }, method.toUpperCase()), element('span', { className: 'path' }, path), element('span', { className: 'muted' }, operation.summary ?? '')));
  if (operation.description) card.append(element('p', { className: 'empty' }, operation.description));
  if (operation.parameters?.length > 0) card.append(element('h4', {}, 'Parameters'), parameterTable(operation.parameters));
  card.append(element('h4', {}, 'Try it'), element('pre', { tabIndex: 0 }, curl(method, path, operation)));
  card.append(element('h4', {}, 'Answers'));
  for (const [status, response] of Object.entries(operation.responses ?? {})) {
    const [type, media] = Object.entries(response.content ?? {})[0] ?? [];
    card.append(element('p', {}, element('code', {}, status), ` ${response.description ?? ''} `, element('span', { className: 'muted' }, type ?? '')));
    if (status === '200' && type === 'application/json') card.append(element('pre', { tabIndex: 0 }, JSON.stringify(example(media.schema, document), null, 2)));
  }
  return card;
}

startTheme(byId('theme'));
const api = await (await fetch('/openapi/v1.json')).json();
byId('operations').append(element('p', { className: 'muted' }, api.info.description));
for (const [path, item] of Object.entries(api.paths)) {
  for (const method of methods) if (item[method]) byId('operations').append(describe(method, path, item[method], api));
}
