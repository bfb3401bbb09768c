export interface SamplePackage {
  readonly name: string
  readonly message: string
  /** Maps the path in the package to the key in the bucket. */
  readonly files: Readonly<Record<string, string>>
}

export interface SampleBucket {
  /** Maps the key to the content. */
  readonly objects: Readonly<Record<string, string>>
  readonly packages: readonly SamplePackage[]
}

export const SAMPLE_BUCKETS: Readonly<Record<string, SampleBucket>> = {
  'quilt-open-data': {
    objects: {
      'examples/iris/README.md': '# Iris\n\nMeasurements of three species of iris (Fisher, 1936).\n',
      'examples/iris/iris.csv':
        'sepal_length,sepal_width,petal_length,petal_width,species\n' +
        '5.1,3.5,1.4,0.2,setosa\n7.0,3.2,4.7,1.4,versicolor\n6.3,3.3,6.0,2.5,virginica\n',
      'cell-painting/README.md': '# Cell painting\n\nMorphological profiles of U2OS cells, six channels.\n',
      'cell-painting/plate-layout.csv':
        'well,compound,micromolar\nA01,DMSO,0\nA02,nocodazole,1\nA03,taxol,5\n',
    },
    packages: [
      {
        name: 'examples/iris',
        message: 'Iris measurements, all three species',
        files: { 'README.md': 'examples/iris/README.md', 'data/iris.csv': 'examples/iris/iris.csv' },
      },
      {
        name: 'examples/cell-painting',
        message: 'Cell painting of a pilot plate',
        files: {
          'README.md': 'cell-painting/README.md',
          'plate-layout.csv': 'cell-painting/plate-layout.csv',
        },
      },
    ],
  },
  'quilt-lab': {
    objects: {
      'rna-seq-2026/README.md': '# RNA-seq 2026\n\nNot published yet: for members of the lab.\n',
      'rna-seq-2026/counts.csv': 'gene,control,treated\nTP53,812,1604\nMYC,455,120\nGAPDH,9021,8977\n',
    },
    packages: [
      {
        name: 'lab/rna-seq-2026',
        message: 'Counts of the spring experiment',
        files: { 'README.md': 'rna-seq-2026/README.md', 'counts.csv': 'rna-seq-2026/counts.csv' },
      },
    ],
  },
}
