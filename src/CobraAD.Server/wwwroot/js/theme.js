const name = 'cobra-theme';
const root = document.documentElement;

/** Light or dark as the system says, until the person chooses. */
export function startTheme(button) {
  const chosen = localStorage.getItem(name);
  if (chosen) root.dataset.theme = chosen;
  button.addEventListener('click', () => {
    const isDark = root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
    root.dataset.theme = isDark ? 'light' : 'dark';
    localStorage.setItem(name, root.dataset.theme);
  });
}
