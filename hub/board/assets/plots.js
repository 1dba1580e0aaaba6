// Draws what the tables of a page say: the tables are the numbers, a plot is another way to look at them.
const BLUE = '#1d70b8', RED = '#d4351c';
const SERIES = [{ stroke: BLUE, width: 2 }, { stroke: RED, width: 2, dash: [6, 4] }];

// x: minutes before the newest row; y: the figures of each column; '-' is none.
const read = (figure) => {
  const rows = [...figure.querySelectorAll('tbody tr')];
  const newest = Number(rows.at(-1)?.dataset.at);
  const column = (n) => rows.map((row) => (row.cells[n].textContent.trim() === '-' ? null : Number(row.cells[n].textContent)));
  return [rows.map((row) => (Number(row.dataset.at) - newest) / 60000), column(1), column(2)];
};

const axis = { stroke: '#0b0c0c', font: '14px arial', grid: { stroke: '#b1b4b6', width: 1 }, ticks: { stroke: '#b1b4b6', width: 1 } };
const begin = (figure) => {
  const place = figure.querySelector('.js-plot');
  place.hidden = false;
  const size = () => ({ width: Math.max(place.clientWidth, 200), height: 200 });
  const plot = new uPlot({
    ...size(), legend: { show: false }, cursor: { show: false },
    scales: { x: { time: false, range: [-59, 0] }, y: { range: (_, low, high) => [0, Math.max(high ?? 0, 5)] } },
    series: [{}, ...SERIES.map((line) => ({ ...line, points: { show: true, size: 5 } }))],
    axes: [{ ...axis, values: (_, ticks) => ticks.map((x) => (x === 0 ? 'now' : `${x} min`)), space: 70 }, { ...axis, size: 60 }],
  }, read(figure), place);
  new ResizeObserver(() => plot.setSize(size())).observe(place);
  new MutationObserver(() => plot.setData(read(figure))).observe(figure.querySelector('details'), { childList: true, subtree: true });
};
for (const figure of document.querySelectorAll('[data-plot]')) begin(figure);
