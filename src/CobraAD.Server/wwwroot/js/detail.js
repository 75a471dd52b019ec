import { fetchPicture, pictureUrl } from './api.js';
import { byId, element } from './dom.js';
import { isNearEdge, milliseconds, score, time } from './format.js';
import { badge } from './table.js';

const facts = (entries) => {
  const list = element('dl', { className: 'facts' });
  for (const [name, value] of entries) list.append(element('dt', {}, name), element('dd', { title: value }, value));
  return list;
};

/** Keeps the heat map exactly over the picture, which is fitted into its frame. */
function align(picture, heat) {
  const frame = picture.getBoundingClientRect();
  const fit = Math.min(frame.width / picture.naturalWidth, frame.height / picture.naturalHeight);
  heat.style.width = `${picture.naturalWidth * fit}px`;
  heat.style.height = `${picture.naturalHeight * fit}px`;
}

/** Shows one part: the picture, what raises its score, and the numbers. */
export function createDetail() {
  const body = byId('detail-body');
  let shown = null;
  let heatUrl = null;

  return async function show(result) {
    if (result === null) {
      shown = null;
      byId('detail-title').textContent = 'Part';
      byId('detail-decision').replaceChildren();
      body.replaceChildren(element('p', { className: 'empty' }, 'Choose a part in the list to see why it scored as it did.'));
      return;
    }
    if (result.id === shown) return;
    shown = result.id;
    byId('detail-title').textContent = result.name;
    byId('detail-decision').replaceChildren(badge(result.isAnomalous));

    const picture = element('img', { alt: `Part ${result.name}` });
    const heat = element('img', { className: 'heat', alt: '', hidden: true });
    const note = element('p', {}, 'Looking for what raises the score …');
    const viewer = element('div', { className: 'viewer' }, picture, heat);
    const strength = element('input', { type: 'range', id: 'heat-strength', min: 0, max: 1, step: 0.05, value: 0.8, disabled: true });
    const overlay = element('div', { className: 'overlay' }, element('label', { htmlFor: 'heat-strength' }, 'Heat map'), strength);
    strength.addEventListener('input', () => { heat.style.opacity = strength.value; });
    body.replaceChildren(viewer, overlay, note);
    if (isNearEdge(result)) {
      body.append(element('p', { className: 'advice' }, 'Near the edge: a change too small to see could turn this decision. A person should look at this part.'));
    }
    body.append(facts([
      ['Score', score(result.score)],
      ['Threshold', score(result.threshold)],
      ['Calibrated', result.calibrated.toFixed(3)],
      ...(result.robustMargin == null ? [] : [['Robust margin', `${result.robustMargin.toFixed(2)} ×`]]),
      ['Most similar good part', `training image ${result.nearestIndex}`],
      ['Image', `${result.width} × ${result.height} px`],
      ['Scored', `${time(result.scoredAt)}, in ${milliseconds(result.elapsedMilliseconds)}`],
      ['Model', result.model.slice(0, 12)],
    ]));

    const address = `/v1/results/${result.id}`;
    const showThumbnail = () => pictureUrl(`${address}/thumbnail`).then((url) => { picture.src = url; });
    picture.addEventListener('error', () => { if (!picture.src.includes('thumbnail')) showThumbnail().catch(() => {}); });
    pictureUrl(`${address}/image`).then((url) => { picture.src = url; }).catch(showThumbnail).catch(() => {});
    try {
      const url = await fetchPicture(`${address}/heatmap`);
      if (shown !== result.id) { URL.revokeObjectURL(url); return; }
      if (heatUrl) URL.revokeObjectURL(heatUrl);
      heat.src = heatUrl = url;
      await Promise.all([heat.decode(), picture.complete && picture.naturalWidth ? null : picture.decode()]);
      heat.alt = 'Heat map of the pixels that raise the score';
      heat.style.opacity = strength.value;
      align(picture, heat);
      new ResizeObserver(() => align(picture, heat)).observe(picture);
      heat.hidden = false;
      strength.disabled = false;
      note.remove();
    } catch (problem) {
      if (shown !== result.id) return;
      note.className = 'muted';
      note.textContent = problem.status === 404 ? 'The image is no longer kept, so its heat map cannot be made.' : 'The heat map could not be made.';
    }
  };
}
