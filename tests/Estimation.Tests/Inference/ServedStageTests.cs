using GpuMem.Estimation.Models;
using GpuMem.Serving;

namespace GpuMem.Estimation.Tests.Inference;

/// <summary>Which stage of a pipeline gets the layers that are left over is the engine's choice.</summary>
public sealed class ServedStageTests
{
    /// <summary>61 layers over four: vLLM spares the last, SGLang gives to the last, TensorRT-LLM to the first; llama.cpp counts the output matrix as a layer.</summary>
    [Theory]
    [InlineData(InferenceEngine.VLLM, 15, 15, 16, 15)]
    [InlineData(InferenceEngine.KAITO, 15, 15, 16, 15)]
    [InlineData(InferenceEngine.SGLang, 15, 15, 15, 16)]
    [InlineData(InferenceEngine.TensorRTLLM, 16, 15, 15, 15)]
    [InlineData(InferenceEngine.LlamaCpp, 16, 15, 16, 14)]
    public void Layers_that_are_left_over_go_where_the_engine_puts_them(InferenceEngine engine, params int[] layers)
    {
        var model = Example.Model("deepseek-ai/DeepSeek-V3");
        var spec = new InferenceSpec { Model = model, Engine = engine, InputLength = 8192, Pipeline = layers.Length };
        var ofLayer = Cache(spec with { Pipeline = 1 }, 0) / model.Layers;

        Assert.Equal(layers.Select(count => count * ofLayer), layers.Select((_, stage) => Cache(spec, stage)));
    }

    [Fact]
    public void Layers_that_are_told_for_each_stage_are_as_told()
    {
        var model = Example.Model("deepseek-ai/DeepSeek-V3");
        var spec = new InferenceSpec { Model = model, InputLength = 8192, Pipeline = 4, StageLayers = [10, 17, 17, 17] };
        var ofLayer = Cache(spec with { Pipeline = 1 }, 0) / model.Layers;

        Assert.Equal([10 * ofLayer, 17 * ofLayer, 17 * ofLayer, 17 * ofLayer], Enumerable.Range(0, 4).Select(stage => Cache(spec, stage)));

        // A plan for another pipeline divides it as the engine does.
        Assert.Equal(31 * ofLayer, Cache(spec with { Pipeline = 2 }, 0));
    }

    [Theory]
    [InlineData(InferenceEngine.VLLM)]
    [InlineData(InferenceEngine.SGLang)]
    [InlineData(InferenceEngine.TensorRTLLM)]
    [InlineData(InferenceEngine.LlamaCpp)]
    public void All_stages_together_have_all_layers(InferenceEngine engine)
    {
        for (var stages = 1; stages <= Example.Llama8B.Layers; stages++)
        {
            var spec = new InferenceSpec { Model = Example.Llama8B, Engine = engine, InputLength = 1, Pipeline = stages };
            var next = 0L;
            for (var index = 0; index < stages; index++)
            {
                var stage = ServedStage.Of(spec, index);
                Assert.Equal(next, stage.Start);
                next += stage.Layers;
            }

            Assert.Equal(Example.Llama8B.Layers, next);
        }
    }

    private static long Cache(InferenceSpec spec, int stage) =>
        InferenceEstimator.Estimate(spec, stage).Terms.Single(term => term.Kind == TermKind.KeyValueCache).Expected.Value;
}
