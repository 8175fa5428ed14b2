/** Menus are details elements: close them on Escape, and when something else is chosen. */
export function closeMenus(): void {
  const open = (): NodeListOf<HTMLDetailsElement> => document.querySelectorAll('details[data-menu][open]')
  document.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return
    open().forEach((menu) => {
      menu.open = false
      menu.querySelector('summary')?.focus()
    })
  })
  document.addEventListener('click', (event) => {
    open().forEach((menu) => {
      if (!menu.contains(event.target as Node)) menu.open = false
    })
  })
}
