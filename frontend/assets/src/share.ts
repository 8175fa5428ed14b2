/** Show the share button where the device can share, and the copy button where it can copy. */
export function offerSharing(within: ParentNode): void {
  within.querySelectorAll<HTMLButtonElement>('button[data-share]').forEach((button) => {
    if (!('share' in navigator)) return
    button.hidden = false
    // Leaving the share sheet without choosing is no error.
    button.onclick = () => void navigator.share({ url: addressOf(button), title: document.title }).catch(() => undefined)
  })
  within.querySelectorAll<HTMLButtonElement>('button[data-copy]').forEach((button) => {
    if (!navigator.clipboard) return
    button.hidden = false
    button.onclick = async () => {
      await navigator.clipboard.writeText(addressOf(button))
      const status = document.getElementById(button.dataset.copy ?? '')
      if (status) status.textContent = button.dataset.copied ?? ''
    }
  })
}

function addressOf(button: HTMLButtonElement): string {
  return new URL(button.dataset.url ?? location.pathname, location.href).href
}
