// Long enough for a slow network, short enough that nobody is locked out after a connection that broke.
const BUSY_MS = 8000

function release(form: HTMLFormElement): void {
  delete form.dataset.busy
}

/**
 * Send each form once per press. The server's own guard is the id inside the form; this only spares
 * the visitor a question. Forms that htmx sends guard themselves (data-hx-sync).
 */
export function guardSubmits(): void {
  document.addEventListener('submit', (event) => {
    const form = event.target as HTMLFormElement
    if (event.defaultPrevented) return
    if (form.dataset.busy) {
      event.preventDefault()
      return
    }
    form.dataset.busy = 'yes'
    setTimeout(release, BUSY_MS, form)
  })
  // Coming back with the back button restores the page as it was left, busy forms included.
  addEventListener('pageshow', (event) => {
    if (event.persisted) document.querySelectorAll<HTMLFormElement>('form[data-busy]').forEach(release)
  })
}
