using GpuMem.Api.Commands;
using GpuMem.Catalogues.Models;
using GpuMem.Estimation;
using GpuMem.Planning;
using GpuMem.Planning.Serving;
using GpuMem.Serving;

namespace GpuMem.Api.Tests.Commands;

public sealed class FixFlagsTests
{
    /// <summary>A flag that the engine's own reader does not know, or with a value that it does not, would silence the next answer.</summary>
    [Theory]
    [InlineData(InferenceEngine.VLLM, "vllm serve m/x", "--kv-cache-dtype fp8")]
    [InlineData(InferenceEngine.SGLang, "python3 -m sglang.launch_server --model-path m/x", "--kv-cache-dtype fp8_e4m3")]
    [InlineData(InferenceEngine.TGI, "text-generation-launcher --model-id m/x", "--kv-cache-dtype fp8_e4m3fn")]
    [InlineData(InferenceEngine.TensorRTLLM, "trtllm-serve m/x", "--tp_size 2")]
    [InlineData(InferenceEngine.LlamaCpp, "llama-server -hf m/x", "--cache-type-k q8_0 --cache-type-v q8_0")]
    public void What_a_fix_spells_the_engine_reads(InferenceEngine engine, string command, string usual)
    {
        Assert.True(ModelCatalogue.TryFind("meta-llama/Llama-3.1-8B", out var model, out _));
        var flags = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (gib, context) in from gib in new[] { 14m, 18m, 22m, 24m, 32m } from context in new[] { 8192, 32_768, 65_536, 131_072 } select (gib, context))
        {
            var server = new ServerRequest { Spec = new InferenceSpec { Model = model!, Engine = engine, InputLength = context, Batch = 2, MaxBatchedTokens = 8192 } };
            var pool = new Pool { Name = "a", Product = "NVIDIA-L40S", UsableMemory = Bytes.FromGiB(gib), GpusPerNode = 8, Nodes = 2 };
            flags.UnionWith(ServerPlanner.Plan(server, [pool]).Suggestions.Select(fix => FixFlags.Of(engine, fix)).OfType<string>().Where(fix => !fix.StartsWith("nvidia.com/gpu", StringComparison.Ordinal)));
        }

        Assert.Contains(flags, fix => fix.Contains(usual, StringComparison.Ordinal));
        foreach (var fix in flags.Select(fix => fix.Split(" nvidia.com/gpu: ")[0]))
            Assert.Empty(Assert.Single(EngineCommandReader.Read(new V1PodSpec { Containers = [new V1Container { Name = "engine", Command = $"{command} {fix}".Split(' ') }] })).NotUnderstood);
    }
}
