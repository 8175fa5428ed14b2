// Everything here is a comfort: each page and each form works without it.
import 'htmx.org/dist/htmx.esm.js'
import { namePayButtons } from './amount'
import { saveDrafts } from './autosave'
import { focusErrorSummary } from './errors'
import { closeMenus } from './menu'
import { offerSharing } from './share'
import { guardSubmits } from './submit'

guardSubmits()
namePayButtons()
saveDrafts()
closeMenus()
offerSharing(document)
focusErrorSummary(document)

// A swapped-in part of a page gets the same comforts as a loaded page.
document.addEventListener('htmx:after:settle', () => {
  offerSharing(document)
  focusErrorSummary(document)
})
