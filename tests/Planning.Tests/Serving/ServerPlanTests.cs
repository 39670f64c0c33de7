using System.Globalization;
using GpuMem.Estimation;
using GpuMem.Serving;
using GpuMem.Estimation.Jobs;
using GpuMem.Planning.Serving;
using GpuMem.Planning.Words;

namespace GpuMem.Planning.Tests.Serving;

/// <summary>Would the engine start on these GPUs and serve this context?</summary>
public sealed class ServerPlanTests
{
    [Fact]
    public void An_8B_model_fits_one_80_GB_card_and_it_is_said_what_a_replica_holds()
    {
        var plan = ServerPlanner.Plan(Servers.Of(Jobs.Llama8B), [Servers.H100]);

        Assert.Equal(Verdict.Fits, plan.Verdict);
        Assert.Empty(plan.Suggestions);
        Assert.True(plan.Best!.Capacity!.Tokens > 300_000);
        Assert.Matches(@"^needs .+ GiB per GPU for a context of 8,192 tokens; GPU-of-h100 has 79\.1 GiB: it holds [34]\d\d,\d\d\d tokens, \d\d such sequences at once$", ServerText.Sentence(plan));
    }

    [Fact]
    public void A_70B_model_on_one_80_GB_card_is_refused_with_the_tensor_size_and_the_context_that_would_fit()
    {
        var plan = ServerPlanner.Plan(Servers.Of(Servers.Llama70B, context: 131_072), [Servers.H100]);

        Assert.Equal(Verdict.Impossible, plan.Verdict);
        var text = ServerText.Full(plan, "kubectl describe modelserver/llama");
        Assert.Matches(@"^needs 17\d\.\d GiB per GPU for a context of 131,072 tokens; GPU-of-h100 has 79\.1 GiB: the weights alone are more\. Fix: ", text);
        Assert.Matches(@"tensor=4 \(holds [34]\d\d,\d\d\d tokens on 4 GPUs of h100\)", text);
        Assert.Matches(@"tensor=2 and contextLength=\d{4,5} \(holds .+ tokens on 2 GPUs of h100, tight\)", text);
        Assert.EndsWith("More: kubectl describe modelserver/llama", text);
    }

    /// <summary>The engine takes a part of the memory: less than there is may be needed, and be too much.</summary>
    [Fact]
    public void A_context_that_is_longer_than_the_cache_is_refused_by_its_tokens()
    {
        var plan = ServerPlanner.Plan(Servers.Of(Jobs.Llama8B, context: 1_000_000), [Servers.H100]);

        Assert.Equal(Verdict.DoesNotFit, plan.Verdict);
        Assert.Matches(@"^a cache of [34]\d\d,\d\d\d tokens on GPU-of-h100 \(79\.1 GiB\) is too small for a context of 1,000,000 tokens$", ServerText.Sentence(plan));
    }

    /// <summary>DeepSeek V3 in FP8 is more than eight cards of 80 GB, and is served on two nodes of them.</summary>
    [Theory]
    [InlineData(InferenceEngine.VLLM, 8, "pipeline: 2")]
    [InlineData(InferenceEngine.SGLang, 8, "pipeline: 2")]
    [InlineData(InferenceEngine.VLLM, 1, "tensor: 8, pipeline: 2")]
    public void What_is_larger_than_a_node_is_proposed_over_several(InferenceEngine engine, int tensor, string change)
    {
        var request = Servers.Of(Servers.Model("deepseek-ai/DeepSeek-V3")).With(server => server with { Engine = engine, Tensor = tensor });
        var plan = ServerPlanner.Plan(request, [Servers.H100]);

        Assert.Equal(Verdict.Impossible, plan.Verdict);
        var fix = Assert.Single(plan.Suggestions, suggestion => suggestion.ToString() == change);
        Assert.Equal((16L, 2L, 8), (fix.Result.Gpus, fix.Result.Nodes, fix.Result.GpusPerNode));
        Assert.Equal(fix.Result.Verdict, ServerPlanner.Plan(request.With(fix), [Servers.H100]).Verdict);
        Assert.Contains("one replica takes several nodes", fix.Cost);
    }

    /// <summary>With the share that SemiAnalysisAI/InferenceX#2128 started it with; 0.92 was the least that would do.</summary>
    [Theory]
    [InlineData("0.5.14", 0.88, Verdict.DoesNotFit)]
    [InlineData("0.5.14", 0.95, Verdict.AtRisk)]
    [InlineData("0.5.18", 0.88, Verdict.Fits)]
    [InlineData(null, 0.88, Verdict.AtRisk)]
    public void DeepSeek_V4_Pro_on_H200_is_refused_where_SGLang_keeps_the_scales_that_it_loaded(string? version, double share, Verdict verdict)
    {
        var request = Servers.Of(Servers.Model("deepseek-ai/DeepSeek-V4-Pro")).With(server => server with
        {
            Engine = InferenceEngine.SGLang, EngineVersion = version, MarlinExperts = true, Tensor = 8, MemoryFraction = (decimal)share, MaxBatchedTokens = 4096, MaxSequences = 8,
        });
        Assert.Equal(verdict, ServerPlanner.Plan(request, [Pools.Of(Bytes.FromGiB(140.4m), gpusPerNode: 8)]).Verdict);
    }

    /// <summary>On a DGX Spark the default of 0.92 is more than its system leaves, and 0.85 was seen to work and not to (vllm-project/recipes#632, vllm-project/vllm#46307).</summary>
    [Theory]
    [InlineData(null, Verdict.AtRisk)]
    [InlineData(0.85, Verdict.AtRisk)]
    [InlineData(0.80, Verdict.Fits)]
    public void An_engine_on_a_GPU_that_shares_memory_with_its_host_is_asked_for_what_the_host_leaves(double? share, Verdict verdict)
    {
        Assert.True(Catalogues.Gpus.GpuCatalogue.TryFind("gb10", out var spark));
        var plan = ServerPlanner.Plan(Servers.Of(Jobs.Llama8B).With(server => server with { MemoryFraction = (decimal?)share }), [ServerPlanner.NodesOf(spark, 1)]);

        Assert.Equal(verdict, plan.Verdict);
        if (share is null)
        {
            Assert.StartsWith("NVIDIA GB10 128GB has 121.7 GiB together with its host, but VLLM claims 92 % of it, 112.0 GiB, and others hold 20.4 GiB", ServerText.Sentence(plan));
            Assert.Contains(plan.Suggestions, suggestion => suggestion.ToString() == "memoryFraction: 0.83");
        }
    }

    /// <summary>vLLM reads FP8 weights on Ampere and later: a T4 is told of four bits.</summary>
    [Theory]
    [InlineData("Tesla-T4", "AWQ4")]
    [InlineData("NVIDIA-A10", "FP8")]
    public void A_checkpoint_is_proposed_that_the_GPU_can_read(string product, string scheme)
    {
        var pool = Pools.Of(Bytes.FromGiB(16), gpusPerNode: 1) with { Product = product };
        var suggestions = ServerPlanner.Plan(Servers.Of(Jobs.Llama8B), [pool]).Suggestions;

        Assert.Contains(suggestions, suggestion => suggestion.ToString() == $"quantization.scheme: {scheme}");
    }

    [Theory]
    [InlineData(InferenceEngine.TGI)]
    [InlineData(InferenceEngine.LlamaCpp)]
    public void An_engine_that_does_not_serve_over_nodes_is_not_sent_there(InferenceEngine engine) => Assert.DoesNotContain(
        ServerPlanner.Plan(Servers.Of(Servers.Model("deepseek-ai/DeepSeek-V3")).With(server => server with { Engine = engine, Tensor = 8 }), [Servers.H100]).Suggestions,
        suggestion => suggestion.Changes.Any(change => change.Path == "pipeline"));

    /// <summary>llama.cpp has no cache in FP8 (common/arg.cpp, kv_cache_types), divides layers over GPUs of a node, and reads GGUF files.</summary>
    [Fact]
    public void Llama_cpp_is_told_of_its_own_types_and_of_more_GPUs()
    {
        var server = Servers.Of(Servers.Llama70B, context: 32_768).With(server => server with { Engine = InferenceEngine.LlamaCpp, Quantization = new(QuantizationScheme.Q80), ValueCacheDtype = KeyValueCacheType.FP16 });
        var changes = ServerPlanner.Plan(server, [Servers.H100]).Suggestions.SelectMany(suggestion => suggestion.Changes.Select(change => change.ToString())).Distinct().ToList();

        Assert.Superset(new HashSet<string> { "pipeline: 2", "cacheType: Q8", "valueCacheType: Q8", "quantization.scheme: Q6K" }, changes.ToHashSet());
        Assert.DoesNotContain(changes, change => change.Contains("FP8", StringComparison.Ordinal) || change.StartsWith("tensor", StringComparison.Ordinal));
    }

    /// <summary>A file of five bits has one of four beside it, and no larger one is a fix.</summary>
    [Fact]
    public void Of_a_GGUF_file_the_smaller_ones_are_proposed() => Assert.All(
        ServerPlanner.Plan(Servers.Of(Servers.Llama70B).With(server => server with { Engine = InferenceEngine.LlamaCpp, Quantization = new(QuantizationScheme.Q5KM) }), [Pools.Of(Bytes.FromGiB(44.5m), gpusPerNode: 1)]).Suggestions
            .SelectMany(suggestion => suggestion.Changes).Where(change => change.Path == "quantization.scheme"),
        change => Assert.Equal("Q4KM", change.Value));

    /// <summary>Tensor parallelism is usual on cards without NVLink too; what it costs there is said.</summary>
    [Theory]
    [InlineData(1, "the GPUs of a node exchange every layer, here over PCIe")]
    [InlineData(8, "the GPUs of a node exchange every layer")]
    public void What_tensor_parallelism_costs_is_said_of_the_cards_there_are(int linked, string cost)
    {
        var pool = Pools.Of(Bytes.FromGiB(14.6m), gpusPerNode: 4) with { Product = "Tesla-T4", NvLinkDomain = linked };
        var suggestions = ServerPlanner.Plan(Servers.Of(Jobs.Llama8B), [pool]).Suggestions;

        Assert.Equal(cost, suggestions.First(suggestion => suggestion.Changes is [{ Path: "tensor" }]).Cost);
    }

    /// <summary>Eight nodes of one L4 hold a 70B model in FP8 with eight stages; four with four bits are what somebody may run.</summary>
    [Fact]
    public void Many_stages_over_nodes_of_one_GPU_are_not_proposed()
    {
        var pool = Pools.Of(Bytes.FromGiB(22), nodes: 8, gpusPerNode: 1) with { Product = "NVIDIA-L4", NvLinkDomain = 1 };
        var suggestions = ServerPlanner.Plan(Servers.Of(Servers.Llama70B), [pool]).Suggestions;

        Assert.NotEmpty(suggestions);
        Assert.All(suggestions, suggestion => Assert.InRange(suggestion.Result.Spec.Pipeline, 1, 4));
    }

    [Fact]
    public void The_same_changes_in_another_order_are_proposed_once()
    {
        var suggestions = ServerPlanner.Plan(Servers.Of(Servers.Llama70B), [Pools.Of(Bytes.FromGiB(14.6m), gpusPerNode: 4) with { Product = "Tesla-T4", NvLinkDomain = 1 }]).Suggestions;
        List<string> changes = [.. suggestions.Select(suggestion => string.Join(", ", suggestion.Changes.Select(change => change.ToString()).Order(StringComparer.Ordinal)))];

        Assert.NotEmpty(changes);
        Assert.Equal(changes.Distinct(), changes);
    }

    [Fact]
    public void A_card_that_engines_leave_out_says_so() => Assert.Equal(
        "Tesla-P100-PCIE-16GB has compute capability 6.0: PyTorch's builds for CUDA 12.8 and later have no kernels for it, and vLLM takes 7.0 and later",
        ServerPlanner.Plan(Servers.Of(Servers.Model("meta-llama/Llama-3.2-1B")), [Pools.Of(Bytes.FromGiB(15.89m)) with { Product = "Tesla-P100-PCIE-16GB" }]).Best!.Note);

    [Fact]
    public void A_context_that_does_not_fit_is_shortened_to_the_longest_that_does()
    {
        var request = Servers.Of(Jobs.Llama8B, context: 1_000_000);
        var plan = ServerPlanner.Plan(request, [Servers.H100]);

        Assert.Equal(Verdict.DoesNotFit, plan.Verdict);
        var shorter = plan.Suggestions.Single(suggestion => suggestion.Changes is [{ Path: "contextLength" }]);
        var tokens = long.Parse(shorter.Changes[0].Value, CultureInfo.InvariantCulture);
        Assert.Equal(Verdict.Fits, ServerPlanner.Plan(request.With(shorter), [Servers.H100]).Verdict);
        Assert.NotEqual(Verdict.Fits, ServerPlanner.Plan(Servers.Of(Jobs.Llama8B, tokens + 1024), [Servers.H100]).Verdict);
    }

    [Fact]
    public void An_engine_with_pages_starts_when_one_sequence_fits_and_the_others_wait()
    {
        var plan = ServerPlanner.Plan(Servers.Of(Jobs.Llama8B, sequences: 500), [Servers.H100]);

        Assert.Equal(Verdict.AtRisk, plan.Verdict);
        Assert.Matches("it holds [345][0-9] of the 500 sequences at once, the others wait", ServerText.Sentence(plan));
        Assert.Contains(plan.Suggestions, suggestion => suggestion.Changes is [{ Path: "sequences" }]);
    }

    [Fact]
    public void What_takes_memory_as_it_goes_must_hold_all_of_its_sequences() => Assert.Equal(
        Verdict.DoesNotFit,
        ServerPlanner.Plan(Servers.Of(Jobs.Llama8B, sequences: 500).With(server => server with { Engine = InferenceEngine.HuggingFace }), [Servers.H100]).Verdict);

    [Fact]
    public void Beside_a_neighbour_the_engine_starts_with_a_lower_share()
    {
        var request = Servers.Of(Jobs.Llama8B) with { OccupiedMemory = Bytes.FromGiB(20) };
        var plan = ServerPlanner.Plan(request, [Servers.H100]);

        Assert.Equal(Verdict.DoesNotFit, plan.Verdict);
        Assert.Contains("but VLLM claims 92 % of it, 72.8 GiB, and others hold 20.0 GiB", ServerText.Sentence(plan));
        Assert.Equal("memoryFraction: 0.74", Assert.Single(plan.Suggestions.Take(1)).ToString());
        Assert.Equal(Verdict.Fits, ServerPlanner.Plan(request.With(plan.Suggestions[0]), [Servers.H100]).Verdict);
    }

    [Fact]
    public void An_engine_that_wants_more_free_than_its_context_leaves_says_so_and_which_share_is_free()
    {
        var request = Servers.Of(Jobs.Llama8B).With(server => server with { MemoryFraction = 0.999m });
        var plan = ServerPlanner.Plan(request, [Servers.H100]);

        Assert.Equal(Verdict.DoesNotFit, plan.Verdict);
        Assert.StartsWith("GPU-of-h100 has 79.1 GiB, but VLLM wants 99.9 % of it free at start; its context leaves 78.9 GiB; needs", ServerText.Sentence(plan), StringComparison.Ordinal);
        Assert.Equal("memoryFraction: 0.99", Assert.Single(plan.Suggestions.Take(1)).ToString());
        Assert.Equal(Verdict.Fits, ServerPlanner.Plan(request.With(plan.Suggestions[0]), [Servers.H100]).Verdict);
    }

    [Fact]
    public void An_engine_whose_share_is_too_small_says_what_it_takes()
    {
        var plan = ServerPlanner.Plan(Servers.Of(Jobs.Llama8B).With(server => server with { MemoryFraction = 0.15m }), [Servers.H100 with { Product = "NVIDIA-H100-80GB-HBM3" }]);

        Assert.Matches("^needs [0-9.]+ GiB per GPU for a context of [0-9,]+ tokens; VLLM takes 15 % of NVIDIA-H100-80GB-HBM3, 11.9 GiB: nothing is left for the cache$", ServerText.Sentence(plan));
        Assert.Matches("^needs [0-9.]+ GiB per GPU; VLLM takes 15 % of NVIDIA-H100-80GB-HBM3, 11.9 GiB: nothing is left for the cache$", ServerText.Line(plan, 105));
    }

    /// <summary>Contexts differ by card and driver: 0.19 GiB on an L4, 0.6 on an H200.</summary>
    [Fact]
    public void A_share_that_some_contexts_leave_and_others_do_not_is_a_risk()
    {
        var plan = ServerPlanner.Plan(Servers.Of(Jobs.Llama8B).With(server => server with { MemoryFraction = 0.995m }), [Servers.H100]);

        Assert.Equal(Verdict.AtRisk, plan.Verdict);
        Assert.EndsWith("VLLM may not find 99.5 % of it free at start", ServerText.Sentence(plan), StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_of_a_family_that_nobody_knows_is_never_refused()
    {
        var stranger = Servers.Llama70B with { UnknownFamily = "llama9", Knowledge = Estimation.Models.ModelKnowledge.UnknownFamily };
        var plan = ServerPlanner.Plan(Servers.Of(stranger), [Servers.H100]);

        Assert.Equal(Verdict.Unknown, plan.Verdict);
        Assert.True(plan.Best!.IsGuess);
        Assert.NotEmpty(plan.Suggestions);
        Assert.Contains("sized like Llama ('llama9' is not known)", ServerText.Sentence(plan));
    }

    [Fact]
    public void GPUs_of_unknown_memory_are_no_reason_to_refuse() =>
        Assert.Contains("is not known", ServerText.Sentence(ServerPlanner.Plan(Servers.Of(Servers.Llama70B), [Pools.Of(null)])));

    [Fact]
    public void Without_pools_the_estimate_is_told() => Assert.Matches(@"^needs 1\d\d\.\d GiB per GPU; no GPU pool", ServerText.Sentence(ServerPlanner.Plan(Servers.Of(Servers.Llama70B), [])));

    [Fact]
    public void A_pool_that_was_not_named_is_proposed()
    {
        var request = Servers.Of(Servers.Llama70B).With(server => server with { Tensor = 2 }) with { Pools = ["small"] };
        var plan = ServerPlanner.Plan(request, [Pools.Of(Bytes.FromGiB(24), name: "small"), Servers.H200]);

        Assert.Contains(plan.Suggestions, suggestion => suggestion.ToString() == "placement.pools: [h200]");
    }

    [Fact]
    public void A_pod_with_fewer_GPUs_than_its_replica_is_warned_of()
    {
        var request = Servers.Of(Servers.Llama70B).With(server => server with { Tensor = 4 }) with { GpusPerPod = 1 };
        var plan = ServerPlanner.Plan(request, [Servers.H100]);

        Assert.Equal(Verdict.AtRisk, plan.Verdict);
        Assert.Empty(plan.Suggestions);
        Assert.Contains("a pod asks for 1 of the 4 GPUs of one replica", ServerText.Full(plan));
    }

    [Fact]
    public void Pods_that_others_join_are_not_warned_of()
    {
        var request = Servers.Of(Servers.Llama70B).With(server => server with { Tensor = 8, Pipeline = 2 }) with { GpusPerPod = 8 };

        Assert.Equal(Verdict.AtRisk, ServerPlanner.Plan(request, [Servers.H100]).Verdict);
        Assert.Equal(Verdict.Fits, ServerPlanner.Plan(request with { PodsJoin = true }, [Servers.H100]).Verdict);
        Assert.Equal(Verdict.Fits, ServerPlanner.Plan(request with { GpusOfPods = 16 }, [Servers.H100]).Verdict);
        Assert.Contains("all pods together ask for 8 of the 16 GPUs of one replica", ServerText.Full(ServerPlanner.Plan(request with { GpusOfPods = 8 }, [Servers.H100])));
    }

    [Fact]
    public void Stages_of_a_pipeline_take_the_GPUs_of_a_pod()
    {
        var plan = ServerPlanner.Plan(Servers.Of(Servers.Llama70B).With(server => server with { Tensor = 2, Pipeline = 2 }) with { GpusPerPod = 4 }, [Servers.H100]);

        Assert.Equal((Verdict.Fits, 4L, null), (plan.Verdict, plan.Best!.Gpus, plan.Best.Note));
    }

    [Fact]
    public void An_open_tensor_size_is_the_smallest_that_fits()
    {
        var best = ServerPlanner.Plan(Servers.Of(Servers.Llama70B) with { TensorIsAuto = true }, [Servers.H100]).Best!;

        Assert.Equal((4, Verdict.Fits), (best.Spec.Tensor, best.Verdict));
    }

    /// <summary>131 GiB of weights: more than a GPU of 80, and nearly all that an engine takes of two.</summary>
    [Theory]
    [InlineData(1, 1, Verdict.Impossible)]
    [InlineData(2, 2, Verdict.AtRisk)]
    [InlineData(4, 4, Verdict.Fits)]
    [InlineData(8, 8, Verdict.Fits)]
    public void An_open_tensor_size_is_the_number_of_GPUs_that_a_pod_has(int gpus, int tensor, Verdict verdict)
    {
        var plan = ServerPlanner.Plan(Servers.Of(Servers.Llama70B) with { TensorIsAuto = true, GpusPerPod = gpus }, [Servers.H100]);

        Assert.Equal((tensor, verdict), (plan.Best!.Spec.Tensor, plan.Verdict));
        Assert.DoesNotContain(plan.Suggestions, suggestion => suggestion.ToString().Contains("tensor", StringComparison.Ordinal));
    }

    [Fact]
    public void What_cannot_be_is_told_by_the_names_that_its_author_wrote()
    {
        var plan = ServerPlanner.Plan(Servers.Of(Servers.Llama70B).With(server => server with { Tensor = 3, Batch = 0 }), [Servers.H100]);

        Assert.Equal(Verdict.Invalid, plan.Verdict);
        Assert.Equal("sequences", Assert.Single(plan.Problems).Path);
    }

    [Fact]
    public void Suggestions_are_a_merge_patch()
    {
        var request = Servers.Of(Jobs.Llama8B, context: 1_000_000) with { PromptIsStated = true };
        var shorter = ServerPlanner.Plan(request, [Servers.H100]).Suggestions.Single(suggestion => suggestion.Changes[0].Path == "contextLength");

        Assert.Equal($$$"""{"spec":{"contextLength":{{{shorter.Changes[0].Value}}},"inputLength":null}}""", shorter.MergePatch.ToJsonString());
    }

    [Fact]
    public void The_smallest_servers_of_the_catalogue_come_with_the_least_memory_first()
    {
        var smallest = ServerPlanner.Smallest(Servers.Of(Jobs.Llama8B));

        Assert.NotEmpty(smallest);
        Assert.All(smallest, server => Assert.Equal(Verdict.Fits, server.Verdict));
        Assert.InRange((smallest[0].Pool.UsableMemory!.Value.GiB * smallest[0].Gpus), 16, 32);
        Assert.Equal(smallest, smallest.OrderBy(server => server.Pool.UsableMemory!.Value.GiB * server.Gpus));
    }

    [Fact]
    public void A_quantised_checkpoint_of_the_same_model_is_proposed_and_one_in_fewer_bits_is_left_alone()
    {
        var plan = ServerPlanner.Plan(Servers.Of(Servers.Llama70B), [Pools.Of(Bytes.FromGiB(79.1m), nodes: 1, gpusPerNode: 1)]);

        Assert.Contains(plan.Suggestions, suggestion => suggestion.ToString() == "quantization.scheme: AWQ4");
        Assert.DoesNotContain(
            ServerPlanner.Plan(Servers.Of(Servers.Llama70B).With(server => server with { Quantization = new QuantizationSpec(QuantizationScheme.FP8) }), [Servers.H100]).Suggestions,
            suggestion => suggestion.ToString().StartsWith("quantization", StringComparison.Ordinal));
    }
}
