namespace GpuMem.TestKit;

/// <summary>What users would type.</summary>
public static class Manifests
{
    /// <summary>A full fine-tune of an 8B model that asks for one GPU and lets GpuMem rewrite that.</summary>
    public static string Llama8B(string name = "llama-8b") => $$"""
        apiVersion: gpumem.io/v1alpha1
        kind: TrainingJob
        metadata:
          name: {{name}}
        spec:
          model: {name: meta-llama/Llama-3.1-8B}
          training: {sequenceLength: 8192, recompute: Full}
          placement: {pools: [h100]}
          policy: {rewrite: Always}
          template:
            metadata:
              labels:
                team: nlp
            spec:
              containers:
              - name: trainer
                image: trainer:1
                command: [torchrun, train.py]
                resources:
                  limits:
                    nvidia.com/gpu: 1
        """;

    /// <summary>Adapters on a 70B model, every GPU holding the whole of it: too much for 24 GB cards.</summary>
    public static string Llama70BOnSmallCards(string name = "llama-70b") => $$"""
        apiVersion: gpumem.io/v1alpha1
        kind: TrainingJob
        metadata:
          name: {{name}}
        spec:
          model: {name: meta-llama/Llama-3.1-70B}
          training: {method: LoRA, sequenceLength: 2048, recompute: Full}
          parallelism: {sharding: None}
          placement: {pools: [a10g]}
        """;

    public static string PodOf(string job, string name = "trainer-0", int? gpus = 4) => $"""
        apiVersion: v1
        kind: Pod
        metadata:
          name: {name}
          labels:
            gpumem.io/training-job: {job}
        spec:
          containers:
          - name: trainer
            image: trainer:1
            resources:
              limits:
                {(gpus is null ? "cpu: 1" : $"nvidia.com/gpu: {gpus}")}
        """;
}
