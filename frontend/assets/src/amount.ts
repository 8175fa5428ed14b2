function euros(cents: number): string {
  const language = document.documentElement.lang
  const whole = cents % 100 === 0
  return new Intl.NumberFormat(language === 'en' ? 'en-GB' : 'nl-NL', {
    style: 'currency',
    currency: 'EUR',
    minimumFractionDigits: whole ? 0 : 2,
  }).format(cents / 100)
}

/** Read what a person typed as an amount: "25", "25,50", "€ 1.250". Undefined when it is not one. */
export function centsTyped(text: string): number | undefined {
  const match = /^(?:€\s*)?(\d{1,3}(?:[.\s]?\d{3})*)(?:[.,](\d{2}))?$/.exec(text.trim())
  if (!match) return undefined
  return Number(match[1]?.replace(/\D/g, '')) * 100 + Number(match[2] ?? 0)
}

function chosenCents(form: HTMLFormElement): number | undefined {
  const choice = new FormData(form).get('amount')
  if (typeof choice !== 'string') return undefined
  const other = form.elements.namedItem('other_amount')
  if (choice === 'other') return other instanceof HTMLInputElement ? centsTyped(other.value) : undefined
  return centsTyped(choice)
}

function refresh(form: HTMLFormElement): void {
  const label = form.querySelector<HTMLElement>('[data-pay-label]')
  if (!label) return
  const cents = chosenCents(form)
  const named = label.dataset.payLabel ?? ''
  label.textContent = cents ? named.replace('{amount}', euros(cents)) : (label.dataset.payLabelPlain ?? '')
}

/** Let the pay button name the amount, and choose "another amount" for whoever starts typing one. */
export function namePayButtons(): void {
  document.addEventListener('input', (event) => {
    const field = event.target as HTMLInputElement
    if (!field.form || !['amount', 'other_amount'].includes(field.name)) return
    if (field.name === 'other_amount' && field.value) {
      const other = field.form.querySelector<HTMLInputElement>('input[name=amount][value=other]')
      if (other) other.checked = true
    }
    refresh(field.form)
  })
  document.querySelectorAll<HTMLFormElement>('form:has([data-pay-label])').forEach(refresh)
}
