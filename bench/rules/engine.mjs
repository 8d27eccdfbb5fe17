// Runs json-rules-engine on the cases of the benchmark: thirty rules, each with
// one condition. The engine has no quantifiers, so it gets operators for lists;
// each looks no further than it must.
import { readFileSync } from 'node:fs'
import { Engine } from 'json-rules-engine'

const { ids, each_ms, rounds, cases, want } = JSON.parse(readFileSync(process.argv[2], 'utf8'))

const any = (fact, test) => ({ fact, operator: 'any', value: test })
const none = (fact, test) => ({ fact, operator: 'none', value: test })
const every = (fact, test) => ({ fact, operator: 'every', value: test })
const atLeast = (fact, n, test) => ({ fact, operator: 'sumAtLeast', value: { n, test } })
const on = cases[0].on
const [day2020, day2025] = [737425, 739252]
const score = name => any('english', f => f[name] >= 70)
const conditions = [
  any('english', f => f.test === 'IELTS' && f.overall >= 75), score('listening'), score('reading'), score('writing'), score('speaking'),
  any('english', f => f.end24 > on), any('english', f => f.test === 'IELTS' || f.test === 'OET'),
  any('exams', f => f.name === 'PLAB1' && f.outcome === 'passed'), any('exams', f => f.name === 'PLAB2' && f.outcome === 'passed'),
  none('exams', f => f.outcome === 'failed'), any('exams', f => f.name === 'PLAB1' && f.outcome === 'passed' && f.end24 > on),
  { fact: 'exams', operator: 'fewerThan', value: { n: 2, test: f => f.outcome === 'failed' } }, every('exams', f => f.attempt <= 3),
  any('qualifications', f => f.registrable === 'yes'), any('qualifications', f => f.taught_in_english), any('qualifications', f => f.date < day2020),
  atLeast('experience', 12, () => true), atLeast('experience', 3, f => f.group === 'medicine'), atLeast('experience', 3, f => f.group === 'surgery'),
  every('experience', f => f.postgraduate), any('permissions', f => f.may_work && f.may_reside), none('permissions', f => f.visitor),
  any('permissions', f => f.category === 'refugee' || f.category === 'humanitarian' || f.category === 'settled'), any('permissions', f => f.until >= on || f.until === 0),
  any('residence', f => f.in_uk), none('registrations', f => f.kind === 'full' || f.kind === 'provisional'), any('certificates', f => f.end3 > on),
  any('certificates', f => f.signed > day2025), none('placements', f => f.placed), any('identities', f => f.name_matches && f.until > on)
]

const engine = new Engine()
engine.addOperator('any', (list, test) => list.some(test))
engine.addOperator('none', (list, test) => !list.some(test))
engine.addOperator('every', (list, test) => list.every(test))
engine.addOperator('fewerThan', (list, { n, test }) => list.filter(test).length < n)
engine.addOperator('sumAtLeast', (list, { n, test }) => list.reduce((sum, f) => sum + (test(f) ? f.length : 0), 0) >= n)
conditions.forEach((condition, k) => engine.addRule({ conditions: { all: [condition] }, event: { type: ids[k] } }))

for (const [i, facts] of cases.entries()) {
  const { events } = await engine.run(facts)
  const met = new Set(events.map(e => e.type))
  ids.forEach((id, k) => {
    if (met.has(id) !== want[i][k]) throw new Error(`json-rules-engine answers ${id} of case ${i} with ${met.has(id)}, msw with ${want[i][k]}`)
  })
}

const figures = []
for (let round = 0; round < rounds; round++) {
  const before = process.cpuUsage()
  let n = 0
  let took = 0
  while (took < each_ms * 1000) {
    for (let k = 0; k < 16; k++) await engine.run(cases[n++ % cases.length])
    const used = process.cpuUsage(before)
    took = used.user + used.system
  }
  figures.push(took * 1000 / n)
}
console.log(JSON.stringify(figures))
