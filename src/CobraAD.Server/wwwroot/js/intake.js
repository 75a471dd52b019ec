import { scoreFiles } from './api.js';
import { byId, element } from './dom.js';
import { plural } from './format.js';

// Several at once for speed, few enough that the first results show soon.
const batch = 8;

/** Takes dropped, pasted and chosen images and has them scored. */
export function startIntake(onScored) {
  const zone = byId('intake');
  const state = byId('intake-state');
  const refusedList = byId('refused');
  let queue = [];
  let working = false;

  const refuse = (name, detail) => {
    refusedList.prepend(element('li', {}, element('b', { title: name }, name), element('span', {}, detail)));
    while (refusedList.children.length > 5) refusedList.lastChild.remove();
  };

  async function work() {
    if (working) return;
    working = true;
    let done = 0;
    while (queue.length > 0) {
      const files = queue.splice(0, batch);
      state.textContent = `Scoring ${plural(files.length + queue.length, 'image', 'images')} …`;
      try {
        const answer = await scoreFiles(files);
        done += answer.results.length;
        for (const image of answer.refused) refuse(image.name, image.detail);
        onScored(answer.results);
      } catch (problem) {
        if (problem.refused?.length > 0) for (const image of problem.refused) refuse(image.name, image.detail);
        else refuse(files.length === 1 ? files[0].name || 'pasted image' : plural(files.length, 'image', 'images'), problem.message);
      }
    }
    state.textContent = done > 0 ? `${plural(done, 'image', 'images')} scored` : 'Nothing could be scored';
    working = false;
  }

  function take(files) {
    const list = [...files];
    if (list.length === 0) return;
    refusedList.replaceChildren();
    queue.push(...list);
    work();
  }

  byId('files').addEventListener('change', (event) => { take(event.target.files); event.target.value = ''; });
  document.addEventListener('paste', (event) => take(event.clipboardData?.files ?? []));
  // The whole page takes drops: a miss must not make the browser leave the page for the image.
  document.addEventListener('dragover', (event) => { event.preventDefault(); zone.classList.add('over'); });
  document.addEventListener('dragleave', (event) => { if (event.relatedTarget === null) zone.classList.remove('over'); });
  document.addEventListener('drop', (event) => { event.preventDefault(); zone.classList.remove('over'); take(event.dataTransfer?.files ?? []); });
}
