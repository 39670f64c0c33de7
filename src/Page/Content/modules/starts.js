// What is asked when nothing is in the address: an example of each kind.

const manifest = (kind, name, spec) => ({ apiVersion: 'gpumem.io/v1alpha1', kind, metadata: { name }, spec });

const starts = {
  TrainingJob: manifest('TrainingJob', 'my-job', {
    model: { name: 'meta-llama/Llama-3.1-8B' },
    training: { sequenceLength: 8192, microBatchSize: 1, recompute: 'Full' },
    parallelism: { data: 8 },
  }),
  ModelServer: manifest('ModelServer', 'my-server', {
    model: { name: 'meta-llama/Llama-3.1-8B' },
    contextLength: 8192,
    sequences: 1,
  }),
};

export const start = kind => ({ manifest: structuredClone(starts[kind]), gpu: 'NVIDIA H100 SXM 80GB', pools: false });
