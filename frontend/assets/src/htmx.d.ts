// htmx is only loaded for its attributes; nothing of ours calls it.
declare module 'htmx.org/dist/htmx.esm.js'
