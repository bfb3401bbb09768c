import assert from 'node:assert/strict'
import { DASHBOARD, type Panel } from './expressions.ts'

const GRID_COLUMNS = 24
const SHOWN = DASHBOARD.panels.filter(({ type }) => type !== 'row')

describe('deploy/observe/grafana.json', () => {
  it('gives each panel an id of its own, a title, a description, a unit and an expression', () => {
    assert.equal(new Set(DASHBOARD.panels.map(({ id }) => id)).size, DASHBOARD.panels.length)
    for (const { title, description = '', fieldConfig, targets = [] } of SHOWN) {
      assert.ok(title.length > 0 && description.length > 0, title)
      assert.ok((fieldConfig?.defaults.unit ?? '').length > 0, title)
      assert.ok(targets.length > 0, title)
      assert.equal(new Set(targets.map(({ refId }) => refId)).size, targets.length, title)
    }
  })

  it('asks the data source that the operator chooses', () => {
    assert.equal(DASHBOARD.templating.list[0]?.name, 'datasource')
    for (const { title, datasource } of SHOWN) {
      assert.deepEqual(datasource, { type: 'prometheus', uid: '${datasource}' }, title)
    }
  })

  it('has no panels on top of each other', () => {
    const cells = (panel: Panel): string[] => {
      const { x, y, w, h } = panel.gridPos
      assert.ok(x + w <= GRID_COLUMNS, panel.title)
      return Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)},${y + Math.floor(cell / w)}`)
    }
    const taken = DASHBOARD.panels.flatMap(cells)
    assert.equal(new Set(taken).size, taken.length)
  })
})
