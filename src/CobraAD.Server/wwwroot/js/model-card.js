import { byId, element } from './dom.js';
import { percent, score, time } from './format.js';

const facts = (entries) => {
  const list = element('dl', { className: 'facts' });
  for (const [name, value, title] of entries) list.append(element('dt', {}, name), element('dd', { title: title ?? String(value), className: 'wide' }, String(value)));
  return list;
};

/** What the model is, how it was calibrated and how robust it was found to be. */
export function drawModel(model) {
  const body = byId('model-body');
  body.replaceChildren(facts([
    ['Name', model.name],
    ['In use since', time(model.since)],
    ['File', model.hash.slice(0, 16), model.hash],
    ['Input', `${model.inputWidth} × ${model.inputHeight} px`],
    ['Weights', model.precision],
    ['Good images in the bank', model.bankSize.toLocaleString()],
    ...(model.dataLicence ? [['Licence of the data', model.dataLicence]] : []),
  ]));
  body.append(element('h3', { className: 'facts-title' }, 'Calibration'), facts([
    ['Threshold', score(model.threshold)],
    ...(model.threshold !== model.calibratedThreshold ? [['Calibrated threshold', score(model.calibratedThreshold)]] : []),
    ['False alarms aimed at', percent(model.falseAlarmRate)],
    ['At most, with 95 % confidence', percent(model.falseAlarmBound)],
  ]));
  if (model.robustness) {
    const epsilon = model.robustness.epsilon;
    body.append(element('h3', { className: 'facts-title' }, 'Robustness'), facts([
      ['Attack', model.robustness.attack],
      ['Largest change of a pixel', `${(255 * epsilon).toFixed(epsilon * 255 < 1 ? 2 : 0)} / 255`],
      ['Raises good parts by', score(model.robustness.normalShift)],
      ['Lowers anomalous parts by', score(model.robustness.anomalousShift)],
    ]));
  } else {
    body.append(element('h3', { className: 'facts-title' }, 'Robustness'), element('p', { className: 'muted' }, "The model carries no robustness figures. Export it with 'cobra export --measure DATA --robust-margin'."));
  }
  const more = Object.fromEntries(Object.entries({ data: model.data, training: model.training }).filter(([, value]) => value));
  if (Object.keys(more).length > 0) {
    body.append(element('details', {}, element('summary', {}, 'Data and training options'), element('pre', { tabIndex: 0 }, JSON.stringify(more, null, 2))));
  }
}
