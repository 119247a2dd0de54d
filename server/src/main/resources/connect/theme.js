// The colours and the mode of the page.
import { h } from './dom.js';
import { query } from './page.js';

/** The colours and the mode that the environment or the address asks for. */
export function dress(settings) {
  const asked = query.get('theme');
  const mode = ['light', 'dark', 'system'].includes(asked) ? asked : settings.defaultTheme;
  if (mode === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = mode;
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(':root {}');
  const style = sheet.cssRules[0].style;
  style.setProperty('--brand', color(settings.theme?.light?.primary, '#0b6583', '#ffffff'));
  style.setProperty('--brand-dark', color(settings.theme?.dark?.primary, '#62b9d8', '#151a1e'));
  document.adoptedStyleSheets = [sheet];
}

/** A colour that can be read on the surface of its mode, else our own. */
function color(value, otherwise, surface) {
  return value && CSS.supports('color', value) && contrast(value, surface) >= 4.5 ? value : otherwise;
}

/** Of two colours, as WCAG defines it. */
function contrast(one, other) {
  const [darker, lighter] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

function luminance(value) {
  const probe = h('span', { hidden: true });
  probe.style.color = value;
  document.body.append(probe);
  const parts = getComputedStyle(probe).color.match(/[\d.]+/g).slice(0, 3);
  probe.remove();
  const [red, green, blue] = parts.map(part => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
