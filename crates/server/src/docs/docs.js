// Renders the OpenAPI document: calls by slice, with their bodies as types.

const element = (tag, text, ...children) => {
  const made = document.createElement(tag);
  if (text) made.textContent = text;
  made.append(...children);
  return made;
};

const nameOf = (schema) => (schema.$ref ? schema.$ref.split('/').pop() : null);

/** A schema as a short TypeScript-like text; references are opened three levels deep. */
function shape(schema, all, depth = 0) {
  if (!schema) return '';
  if (schema.$ref) return depth > 3 ? nameOf(schema) : shape(all[nameOf(schema)], all, depth + 1);
  if (schema.oneOf) return schema.oneOf.map((one) => shape(one, all, depth)).join(' | ');
  if (schema.allOf) return schema.allOf.map((one) => shape(one, all, depth)).join(' & ');
  if (schema.type === 'array') return `[ ${shape(schema.items, all, depth)} ]`;
  if (!schema.properties) return [schema.type].flat().join(' | ');
  const pad = '  '.repeat(depth + 1);
  const required = new Set(schema.required ?? []);
  const lines = Object.entries(schema.properties).map(([name, field]) => {
    const note = field.description ? `  // ${field.description.split('\n')[0]}` : '';
    return `${pad}${name}${required.has(name) ? '' : '?'}: ${shape(field, all, depth + 1)}${note}`;
  });
  return `{\n${lines.join('\n')}\n${'  '.repeat(depth)}}`;
}

function call(method, path, operation, all) {
  const body = element('details', null, element('summary', null, element('b', method.toUpperCase()), element('code', path)));
  body.dataset.text = `${method} ${path} ${operation.summary ?? ''} ${operation.description ?? ''}`.toLowerCase();
  body.append(element('p', [operation.summary, operation.description].filter(Boolean).join(' ')));
  const parameters = (operation.parameters ?? []).map((one) => `${one.in} ${one.name}${one.required ? '' : '?'}: ${shape(one.schema, all)}  ${one.description ?? ''}`);
  if (parameters.length) body.append(element('pre', parameters.join('\n')));
  const sent = operation.requestBody?.content?.['application/json']?.schema;
  if (sent) body.append(element('p', 'Body'), element('pre', shape(sent, all)));
  for (const [status, answer] of Object.entries(operation.responses ?? {})) {
    const schema = Object.values(answer.content ?? {})[0]?.schema;
    if (status !== 'default') body.append(element('p', `Answer ${status}`), element('pre', shape(schema, all) || '(empty)'));
  }
  return body;
}

async function render() {
  const main = document.getElementById('calls');
  const document_ = await (await fetch('/api/openapi.json')).json();
  const slices = new Map();
  for (const [path, methods] of Object.entries(document_.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      const slice = operation.tags?.[0] ?? 'other';
      if (!slices.has(slice)) slices.set(slice, []);
      slices.get(slice).push(call(method, path, operation, document_.components?.schemas ?? {}));
    }
  }
  main.replaceChildren();
  for (const [slice, calls] of slices) main.append(element('section', null, element('h2', slice), ...calls));
  document.getElementById('find').addEventListener('input', (event) => {
    const wanted = event.target.value.toLowerCase();
    for (const one of main.querySelectorAll('details')) one.hidden = !one.dataset.text.includes(wanted);
  });
}

render().catch((error) => {
  document.getElementById('calls').textContent = `The document could not be loaded: ${error.message}. Reload the page.`;
});
