// Which fields the form shows, in which order and under which names. What they may hold, and what each is for, the server says.

const choice = (path, label) => ({ type: 'choice', path, label });
const text = (path, label) => ({ type: 'text', path, label });
const yesNo = (path, label) => ({ type: 'yesNo', path, label });
// A slider over powers of two, from and to as exponents, and the exact number beside it.
const slider = (path, label, unit, from, to) => ({ type: 'slider', path, label, unit, from, to });

export const fields = {
  TrainingJob: [
    { title: 'Training', fields: [
      slider('training.sequenceLength', 'Sequence length', 'tokens', 8, 20),
      slider('training.microBatchSize', 'Micro-batch', 'sequences', 0, 8),
      choice('training.method', 'Method'),
      choice('training.precision', 'Precision'),
      choice('training.optimizer', 'Optimizer'),
      choice('training.recompute', 'Recompute'),
    ] },
    { title: 'Parallelism', fields: [
      text('parallelism.data', 'Data'),
      text('parallelism.tensor', 'Tensor'),
      text('parallelism.pipeline', 'Pipeline'),
      text('parallelism.context', 'Context'),
      text('parallelism.expert', 'Expert'),
      choice('parallelism.sharding', 'Sharding'),
    ] },
    { title: 'More', isFolded: true, fields: [
      choice('training.trainer', 'Trainer'),
      choice('training.framework', 'Framework'),
      choice('training.objective', 'Objective'),
      text('training.globalBatchSize', 'Global batch'),
      choice('training.attention', 'Attention'),
      choice('training.loss', 'Loss'),
      text('training.lora.rank', 'LoRA rank'),
      choice('training.quantization.scheme', 'Quantization'),
      choice('training.offload.parameters', 'Offload weights'),
      choice('training.offload.optimizer', 'Offload optimizer'),
      yesNo('parallelism.sequenceParallel', 'Sequence parallel'),
      yesNo('training.fusedKernels', 'Fused kernels'),
    ] },
  ],
  ModelServer: [
    { title: 'Serving', fields: [
      slider('contextLength', 'Context length', 'tokens', 8, 20),
      slider('sequences', 'Sequences at once', 'sequences', 0, 12),
      choice('engine', 'Engine'),
      text('engineVersion', 'Engine version'),
      choice('weights', 'Weights'),
      choice('quantization.scheme', 'Quantization'),
      choice('cacheType', 'Cache type'),
      text('memoryFraction', 'Share of the GPU'),
    ] },
    { title: 'Parallelism', fields: [
      text('tensor', 'Tensor'),
      text('pipeline', 'Pipeline'),
      text('expert', 'Expert'),
    ] },
    { title: 'More', isFolded: true, fields: [
      text('maxSequences', 'Sequences of a pass'),
      text('maxBatchedTokens', 'Tokens of a pass'),
      text('blockSize', 'Block size'),
      text('loraSlots', 'LoRA slots'),
      yesNo('cudaGraphs', 'CUDA graphs'),
      yesNo('predictionModules', 'Draft modules'),
      yesNo('textOnly', 'Text alone'),
    ] },
  ],
};
