/** Bring the reader, and the screen reader, to the list of what must be corrected. */
export function focusErrorSummary(within: ParentNode): void {
  within.querySelector<HTMLElement>('[data-error-summary]')?.focus()
}

// A link in the summary moves the focus into its field, also where that is a group of radio buttons.
document.addEventListener('click', (event) => {
  const link = (event.target as Element).closest<HTMLAnchorElement>('[data-error-summary] a[href^="#"]')
  const target = link && document.getElementById(link.hash.slice(1))
  if (!target) return
  const field = target.matches('input, select, textarea') ? target : target.querySelector<HTMLElement>('input, select, textarea')
  if (!field) return
  event.preventDefault()
  target.scrollIntoView({ block: 'start' })
  field.focus({ preventScroll: true })
})
