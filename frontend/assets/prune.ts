import { readdirSync, readFileSync } from 'node:fs'
import type { AtRule, Declaration, Plugin, Root, Rule } from 'postcss'

/** Every word in the templates and scripts below `folders`: a class name we use is always one of them. */
function wordsIn(folders: string[]): Set<string> {
  const words = new Set<string>()
  for (const folder of folders) {
    for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      if (!/\.(html|ts|svg)$/.test(file)) continue
      for (const word of readFileSync(folder + file, 'utf8').match(/[\w-]+/g) ?? []) words.add(word)
    }
  }
  return words
}

// States our fields never have. An empty required field must not be red before it was sent: the server says what is wrong.
const UNUSED_STATES = /:(disabled|read-only|invalid|placeholder-shown)\b/

/** Drop the selectors that name a class nobody writes, or such a state; what a :not() names is no reason to drop a rule. */
function dropUnusedSelectors(root: Root, words: Set<string>): void {
  root.walkRules((rule: Rule) => {
    const parent = rule.parent
    if (parent?.type === 'atrule' && (parent as AtRule).name.endsWith('keyframes')) return
    const kept = rule.selectors.filter((selector) => {
      const asked = selector.replace(/:not\([^)]*\)/g, '')
      const isOurs = /\.bl-|nl-button/.test(asked)
      if (!isOurs && UNUSED_STATES.test(asked)) return false
      return (asked.match(/\.[\w-]+/g) ?? []).every((name) => words.has(name.slice(1)))
    })
    if (kept.length === 0) rule.remove()
    else if (kept.length < rule.selectors.length) rule.selectors = kept
  })
}

/** Drop custom properties nobody reads; again, until none is left that only a dropped one read. */
function dropUnusedProperties(root: Root): void {
  for (let dropped = true; dropped; ) {
    dropped = false
    const read = new Set<string>()
    root.walkDecls((declaration: Declaration) => {
      for (const match of declaration.value.matchAll(/var\(\s*(--[\w-]+)/g)) read.add(match[1] ?? '')
    })
    root.walkDecls(/^--/, (declaration: Declaration) => {
      if (read.has(declaration.prop)) return
      declaration.remove()
      dropped = true
    })
  }
}

/**
 * Keep of the design system only what our pages use: 143 KB of CSS becomes about 60.
 *
 * It works on the parsed sheet, since cutting rules out by pattern broke it once.
 */
export function prune(folders: string[]): Plugin {
  return {
    postcssPlugin: 'prune',
    OnceExit(root) {
      dropUnusedSelectors(root, wordsIn(folders))
      dropUnusedProperties(root)
    },
  }
}
