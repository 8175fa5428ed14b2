// One save after the last change, not one per key.
const PAUSE_MS = 800

const waiting = new WeakMap<HTMLFormElement, number>()

async function save(form: HTMLFormElement): Promise<void> {
  const status = form.querySelector<HTMLElement>('[data-autosave-status]')
  const say = (text: string | undefined): void => {
    if (status) status.textContent = text ?? ''
  }
  const body = new FormData(form)
  // Files are sent with the form itself: a photo must not travel again at every key.
  for (const [name, value] of [...body]) if (value instanceof File) body.delete(name)
  try {
    const answer = await fetch(form.dataset.autosave ?? form.action, {
      method: 'POST',
      body,
      headers: { 'X-Autosave': 'yes' },
      redirect: 'manual',
    })
    // What the server stored is what this form has seen now; otherwise it would refuse our own next save.
    const seen = answer.headers.get('X-Seen')
    const field = form.elements.namedItem('seen')
    if (seen && field instanceof HTMLInputElement) field.value = seen
    if (answer.ok || answer.type === 'opaqueredirect') say(status?.dataset.saved)
    else say((answer.status === 409 && status?.dataset.conflict) || status?.dataset.failed)
  } catch {
    say(status?.dataset.failed)
  }
}

/** Keep a draft safe while it is being written: forms with data-autosave are sent shortly after each change. */
export function saveDrafts(): void {
  document.addEventListener('input', (event) => {
    const form = (event.target as HTMLInputElement).form
    if (!form?.matches('[data-autosave]')) return
    clearTimeout(waiting.get(form))
    waiting.set(form, window.setTimeout(() => void save(form), PAUSE_MS))
  })
  // The form's own button saves everything: a late automatic save must not overtake it.
  document.addEventListener('submit', (event) => clearTimeout(waiting.get(event.target as HTMLFormElement)))
}
