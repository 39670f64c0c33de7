using FsCheck.Fluent;
using FsCheck.Xunit;
using GpuMem.Api.Commands;
using GpuMem.Api.Serving;
using GpuMem.Estimation.Jobs;
using GpuMem.Planning.Serving;
using GpuMem.Serving;

namespace GpuMem.Api.Tests.Commands;

/// <summary>The command lines of engines, in each of the forms in which pods give them.</summary>
public sealed class EngineCommandReaderTests
{
    private const string Model = "meta-llama/Llama-3.1-8B";

    [Theory]
    [InlineData("vllm serve meta-llama/Llama-3.1-8B", InferenceEngine.VLLM)]
    [InlineData("/usr/local/bin/vllm serve meta-llama/Llama-3.1-8B", InferenceEngine.VLLM)]
    [InlineData("vllm run-batch -i /data/in.jsonl --output-file=/data/out.jsonl --model meta-llama/Llama-3.1-8B", InferenceEngine.VLLM)]
    [InlineData("python3 -m vllm.entrypoints.openai.run_batch -i in.jsonl -o out.jsonl --model meta-llama/Llama-3.1-8B", InferenceEngine.VLLM)]
    [InlineData("python3 -m vllm.entrypoints.openai.api_server --model meta-llama/Llama-3.1-8B", InferenceEngine.VLLM)]
    [InlineData("python3 -m vllm.entrypoints.openai.api_server --model=meta-llama/Llama-3.1-8B", InferenceEngine.VLLM)]
    [InlineData("python -m sglang.launch_server --model-path meta-llama/Llama-3.1-8B", InferenceEngine.SGLang)]
    [InlineData("/app/llama-server -hf meta-llama/Llama-3.1-8B", InferenceEngine.LlamaCpp)]
    [InlineData("text-generation-launcher --model-id meta-llama/Llama-3.1-8B", InferenceEngine.TGI)]
    [InlineData("trtllm-serve meta-llama/Llama-3.1-8B", InferenceEngine.TensorRTLLM)]
    [InlineData("trtllm-serve serve meta-llama/Llama-3.1-8B", InferenceEngine.TensorRTLLM)]
    [InlineData("python3 -m dynamo.vllm --model meta-llama/Llama-3.1-8B --is-prefill-worker --connector nixl --migration-limit=3", InferenceEngine.VLLM)]
    [InlineData("python3 -m dynamo.vllm --model meta-llama/Llama-3.1-8B --disaggregation-mode decode --discovery-backend kubernetes --dyn-reasoning-parser=qwen3 --namespace x", InferenceEngine.VLLM)]
    [InlineData("python3 -m dynamo.trtllm --model-path meta-llama/Llama-3.1-8B --served-model-name x --disaggregation-mode decode --publish-events-and-metrics", InferenceEngine.TensorRTLLM)]
    [InlineData("python3 -m dynamo.sglang --model-path meta-llama/Llama-3.1-8B --disaggregation-mode prefill", InferenceEngine.SGLang)]
    [InlineData("python -m huggingfaceserver --model_name=llama --model_id=meta-llama/Llama-3.1-8B --http_port 8080 --backend vllm", InferenceEngine.VLLM)]
    public void An_engine_and_its_model_are_found(string command, InferenceEngine engine)
    {
        var read = Of(command.Split(' '));
        Assert.Equal((engine, Model), (read.Settings.Engine, read.Settings.Model?.Name));
        Assert.Empty(read.NotUnderstood);
    }

    /// <summary>What a file of engine arguments says nobody knows here.</summary>
    [Fact]
    public void Dynamos_worker_of_TensorRT_LLM_is_read_in_its_own_words()
    {
        var read = Of("python3 -m dynamo.trtllm --model=meta-llama/Llama-3.1-8B --tensor-parallel-size 2 --pipeline-parallel-size 2 --expert-parallel-size=1 --max-seq-len 16384 --free-gpu-memory-fraction 0.8 --max-num-tokens 4096 --extra-engine-args /e.yaml".Split(' '));
        Assert.Equal((Model, 2, 2, 16_384L, 4096L), (read.Settings.Model?.Name, read.Settings.Tensor, read.Settings.Pipeline, read.Settings.ContextLength, read.Settings.MaxBatchedTokens));
        Assert.Equal(0.8m, read.Settings.MemoryFraction?.ToDecimal());
        Assert.Equal("--extra-engine-args /e.yaml", Assert.Single(read.NotUnderstood));
    }

    /// <summary>bitsandbytes alone is 4 bits to vLLM and 8 to TGI.</summary>
    [Theory]
    [InlineData("vllm serve meta-llama/Llama-3.1-8B --quantization bitsandbytes", QuantizationScheme.NF4)]
    [InlineData("text-generation-launcher --model-id meta-llama/Llama-3.1-8B --quantize bitsandbytes", QuantizationScheme.INT8)]
    [InlineData("text-generation-launcher --model-id meta-llama/Llama-3.1-8B --quantize bitsandbytes-nf4", QuantizationScheme.NF4)]
    [InlineData("text-generation-launcher --model-id meta-llama/Llama-3.1-8B --quantize bitsandbytes-fp4", QuantizationScheme.FP4)]
    [InlineData("text-generation-launcher --model-id meta-llama/Llama-3.1-8B --quantize=eetq", QuantizationScheme.INT8)]
    public void A_quantisation_is_read_in_the_words_of_its_engine(string command, QuantizationScheme scheme)
    {
        var read = Of(command.Split(' '));
        Assert.Equal(scheme, read.Settings.Quantization?.Scheme);
        Assert.Empty(read.NotUnderstood);
    }

    /// <summary>In how many bits such a checkpoint is stored only its name may tell.</summary>
    [Theory]
    [InlineData("vllm serve RedHatAI/Meta-Llama-3.1-8B-Instruct-FP8 --quantization compressed-tensors", true)]
    [InlineData("vllm serve meta-llama/Llama-3.1-8B-Instruct --quantization compressed-tensors", false)]
    [InlineData("vllm serve /models/ours --quantization compressed-tensors", false)]
    public void A_format_of_the_checkpoint_is_taken_where_its_name_says_it(string command, bool isUnderstood) =>
        Assert.Equal(isUnderstood, Of(command.Split(' ')).NotUnderstood.Count == 0);

    /// <summary>The tag of such an image is no release of the engine's.</summary>
    [Theory]
    [InlineData("kserve/huggingfaceserver:v0.15.2-gpu", "--model_name=llama --model_id=meta-llama/Llama-3.1-8B --max_length=4096", InferenceEngine.VLLM)]
    [InlineData("us-docker.pkg.dev/deeplearning-platform-release/gcr.io/huggingface-text-generation-inference-cu124.2-3.ubuntu2204.py311", "--model-id=meta-llama/Llama-3.1-8B --max-total-tokens=4096", InferenceEngine.TGI)]
    public void Images_of_others_start_an_engine_too(string image, string args, InferenceEngine engine)
    {
        var read = Assert.Single(EngineCommandReader.Read(Pod([], args.Split(' '), image, [])));
        Assert.Equal((engine, Model), (read.Settings.Engine, read.Settings.Model?.Name));
        Assert.Equal(4096, read.Settings.ContextLength);
        Assert.Null(read.Settings.EngineVersion);
        Assert.Empty(read.NotUnderstood);
    }

    /// <summary>A buffer on the GPU is the engine's of NCCL; what other connectors send lies in the cache that there is.</summary>
    [Theory]
    [InlineData("""{"kv_connector":"NixlConnector","kv_role":"kv_both"}""", true)]
    [InlineData("""{"kv_connector":"MultiConnector","kv_connector_extra_config":{"connectors":[{"kv_connector":"NixlConnector"},{"kv_connector":"LMCacheConnectorV1"}]}}""", true)]
    [InlineData("""{"kv_connector":"MultiConnector","kv_connector_extra_config":{"connectors":[{"kv_connector":"P2pNcclConnector"}]}}""", false)]
    [InlineData("""{"kv_connector":"P2pNcclConnector","kv_buffer_size":"1e1"}""", false)]
    [InlineData("""{"kv_connector":"SomebodysConnector"}""", false)]
    [InlineData("$KV_TRANSFER", false)]
    public void A_connector_that_holds_nothing_on_the_GPU_changes_nothing(string json, bool isUnderstood) =>
        Assert.Equal(isUnderstood, Of(["vllm", "serve", Model, "--kv-transfer-config", json]).NotUnderstood.Count == 0);

    [Theory]
    [InlineData("set -e\nexport A=1\nexec vllm serve \\\n  meta-llama/Llama-3.1-8B \\\n  --max-model-len 4096")]
    [InlineData("cd /models && vllm serve \"meta-llama/Llama-3.1-8B\" --max-model-len='4096'")]
    [InlineData("pip install x; HF_HOME=/tmp vllm serve $MODEL --max-model-len ${LENGTH} # as measured")]
    [InlineData("# vllm serve other/model\nvllm serve ${MODEL} --max_model_len=$LENGTH | tee log")]
    [InlineData("(vllm serve $(MODEL) --max-model-len 4096 &)\nwait")]
    public void A_script_is_read_as_the_shell_reads_it(string script)
    {
        var read = Of(["/bin/sh", "-c", script], environment: new() { ["MODEL"] = Model, ["LENGTH"] = "4096" });
        Assert.Equal((Model, 4096), (read.Settings.Model?.Name, read.Settings.ContextLength));
        Assert.Empty(read.NotUnderstood);
    }

    [Theory]
    [InlineData("-ce")]
    [InlineData("-lic")]
    [InlineData("-euo pipefail -c")]
    [InlineData("-ceuo pipefail")]
    [InlineData("--norc -x -c")]
    public void A_script_stands_behind_the_options_of_its_shell(string options) =>
        Assert.Equal(Model, Of(["bash", .. options.Split(' '), "echo \"now vllm serve\"; echo now vllm serve it; vllm serve \"$@\"", "bash", Model]).Settings.Model?.Name);

    [Theory]
    [InlineData("tini -g -- bash -c")]
    [InlineData("/usr/bin/env A=1 bash -lc")]
    public void A_shell_may_be_started_by_what_only_starts_it(string words) =>
        Assert.Equal(Model, Of([.. words.Split(' '), $"export B=1; vllm serve {Model}"]).Settings.Model?.Name);

    /// <summary>text-generation-inference launcher/src/main.rs, find_num_shards; llama.cpp's --split-mode is layer unless said.</summary>
    [Theory]
    [InlineData("text-generation-launcher --model-id meta-llama/Llama-3.1-70B", 4, null)]
    [InlineData("text-generation-launcher --model-id meta-llama/Llama-3.1-70B --num-shard 2", 2, null)]
    [InlineData("text-generation-launcher --model-id meta-llama/Llama-3.1-70B --sharded false", null, null)]
    [InlineData("llama-server -hf meta-llama/Llama-3.1-70B -ngl 99", null, 4)]
    [InlineData("llama-server -hf meta-llama/Llama-3.1-70B -ngl 99 -sm none", null, null)]
    [InlineData("vllm serve meta-llama/Llama-3.1-70B", null, null)]
    public void Some_engines_divide_a_model_over_all_GPUs_that_they_are_given(string command, int? tensor, int? pipeline)
    {
        var read = Assert.Single(EngineCommandReader.Read(new V1PodSpec
        {
            Containers = [new V1Container { Name = "engine", Command = [.. command.Split(' ')], Resources = new V1ResourceRequirements { Limits = new Dictionary<string, ResourceQuantity> { ["nvidia.com/gpu"] = new("4") } } }],
        }));

        Assert.Equal((tensor, pipeline), (read.Settings.Tensor, read.Settings.Pipeline));
    }

    [Fact]
    public void Options_of_a_script_are_none_of_its_shell() => Assert.Empty(EngineCommandReader.Read(new V1PodSpec
    {
        Containers = [new V1Container { Name = "engine", Command = ["bash", "start.sh", "-c", $"vllm serve {Model}"] }],
    }));

    [Theory]
    [InlineData("vllm serve $(cat /models/name) --max-model-len 4096", "$(cat /models/name)")]
    [InlineData("vllm serve \"$(get \"$(x y)\" z)\" --max-model-len 4096", "$(get \"$(x y)\" z)")]
    [InlineData("vllm serve `cat /models/name` --max-model-len 4096", "`cat /models/name`")]
    [InlineData("vllm serve org/$NAME --max-model-len 4096", "org/$NAME")]
    public void What_only_a_shell_would_know_is_said_and_the_rest_is_read(string script, string said)
    {
        var read = Of(["sh", "-c", script]);
        Assert.Equal([said], read.NotUnderstood);
        Assert.Equal((null, 4096), (read.Settings.Model, read.Settings.ContextLength));
    }

    [Property]
    public FsCheck.Property A_quoted_word_is_taken_as_it_is() => Prop.ForAll(
        ArbMap.Default.GeneratorFor<FsCheck.NonNull<string>>().Select(text => $"w{text.Get.Replace("'", "", StringComparison.Ordinal)}").ToArbitrary(),
        word => Of(["bash", "-c", $"vllm serve {Model} --of-tomorrow '{word}'"]).NotUnderstood.SequenceEqual([$"--of-tomorrow {word}"]));

    [Property]
    public void No_script_stops_the_reader(FsCheck.NonNull<string> script) => Assert.Single(EngineCommandReader.Read(Pod(["sh", "-c", $"vllm serve {script.Get}"], [], null, [])));

    [Fact]
    public void Flags_of_vllm_are_those_of_a_manifest()
    {
        var read = Of("vllm serve m/x --max-model-len 32K -tp 2 --pipeline-parallel-size=2 --gpu_memory_utilization 0.95 --kv-cache-dtype fp8_e4m3 --dtype half --quantization awq_marlin --max-num-seqs 64 --max-num-batched-tokens 8k --enforce-eager --enable-lora --max-loras 4 --max-lora-rank 64".Split(' '));
        Assert.Empty(read.NotUnderstood);
        Assert.Equal((32768, 2, 2), (read.Settings.ContextLength, read.Settings.Tensor, read.Settings.Pipeline));
        Assert.Equal((0.95m, KeyValueCacheType.FP8, DataType.FP16), (read.Settings.MemoryFraction?.ToDecimal(), read.Settings.CacheType, read.Settings.Weights));
        Assert.Equal((QuantizationScheme.AWQ4, 64, 8000), (read.Settings.Quantization?.Scheme, read.Settings.MaxSequences, read.Settings.MaxBatchedTokens));
        Assert.Equal((false, 4, 64), (read.Settings.CudaGraphs, read.Settings.LoraSlots, read.Settings.LoraRank));
    }

    [Theory]
    [InlineData("vllm serve m/x --language-model-only", true)]
    [InlineData("vllm serve m/x --limit-mm-per-prompt {\"image\":0,\"video\":0}", true)]
    [InlineData("vllm serve m/x --limit-mm-per-prompt image=0,video=0", true)]
    [InlineData("vllm serve m/x --limit-mm-per-prompt.image 0 --limit-mm-per-prompt.video 0", true)]
    [InlineData("vllm serve m/x --limit-mm-per-prompt {\"image\":{\"count\":0},\"video\":0}", true)]
    [InlineData("vllm serve m/x --limit-mm-per-prompt {\"image\":4}", null)]
    [InlineData("vllm serve m/x --limit-mm-per-prompt {\"image\":0,\"video\":1}", null)]
    [InlineData("python -m sglang.launch_server --model-path m/x --language-model-only", true)]
    public void Towers_stay_out_where_no_picture_may_come(string command, bool? textOnly)
    {
        var read = Of(command.Split(' '));
        Assert.Empty(read.NotUnderstood);
        Assert.Equal(textOnly, read.Settings.TextOnly);
    }

    [Theory]
    [InlineData("vllm serve m/x --moe-backend marlin", true)]
    [InlineData("python -m sglang.launch_server --model-path m/x --moe-runner-backend marlin", true)]
    [InlineData("python -m sglang.launch_server --model-path m/x --moe-runner-backend flashinfer_mxfp4", false)]
    public void The_kernels_of_experts_are_read(string command, bool marlin) => Assert.Equal(marlin, Of(command.Split(' ')).Settings.MarlinExperts);

    [Theory]
    [InlineData("--limit-mm-per-prompt {\"image\":0}")]
    [InlineData("--limit-mm-per-prompt many")]
    [InlineData("--limit-mm-per-prompt [1]")]
    [InlineData("--limit-mm-per-prompt {\"image\":0,\"image\":0}")]
    public void A_limit_that_leaves_something_open_is_said(string flag)
    {
        var read = Of($"vllm serve m/x {flag}".Split(' '));
        Assert.Single(read.NotUnderstood);
        Assert.Null(read.Settings.TextOnly);
    }

    [Theory]
    [InlineData("--enable-lora", 8, null)]
    [InlineData("--lora-paths a=org/a b=org/b --max-lora-rank 64", 8, 64)]
    [InlineData("--max-loras-per-batch 2 --enable-lora", 2, null)]
    [InlineData("--max-loras-per-batch 2", null, null)]
    public void SGLang_has_room_for_the_adapters_of_a_batch(string flags, int? slots, int? rank)
    {
        var read = Of($"python -m sglang.launch_server --model-path m/x {flags}".Split(' '));
        Assert.Empty(read.NotUnderstood);
        Assert.Equal((slots, rank), (read.Settings.LoraSlots, read.Settings.LoraRank));
    }

    /// <summary>The types of mixed files are read, and one of two bits is no file of four: a pod that holds it is not refused.</summary>
    [Theory]
    [InlineData("UD-Q4_K_XL")]
    [InlineData("UD-IQ2_XXS")]
    public void The_type_of_a_GGUF_file_stands_behind_the_model(string type)
    {
        var read = Of($"llama-server -hf unsloth/Qwen3-30B-A3B-GGUF:{type} -c 4096".Split(' '));
        Assert.Equal($"unsloth/Qwen3-30B-A3B-GGUF:{type}", read.Settings.Model?.Name);
        Assert.Empty(read.NotUnderstood);
    }

    /// <summary>vllm/distributed/utils.py and sglang/srt/distributed/utils.py, get_pp_indices: what is not for all stages ends the engine, and is left to it.</summary>
    [Theory]
    [InlineData("vllm serve m/x -pp 4", "VLLM_PP_LAYER_PARTITION", "10,17, 17,17", "10,17,17,17")]
    [InlineData("python3 -m sglang.launch_server --model-path m/x --pp-size 2", "SGLANG_PP_LAYER_PARTITION", "31,30", "31,30")]
    [InlineData("vllm serve m/x -pp 4", "VLLM_PP_LAYER_PARTITION", "31,30", null)]
    [InlineData("vllm serve m/x -pp 2", "VLLM_PP_LAYER_PARTITION", "31,thirty", null)]
    [InlineData("vllm serve m/x", "VLLM_PP_LAYER_PARTITION", "31,30", null)]
    public void The_layers_of_each_stage_stand_in_the_environment(string command, string variable, string value, string? layers)
    {
        var read = Of(command.Split(' '), environment: new() { [variable] = value });
        Assert.Equal(layers, read.Settings.StageLayers);
        Assert.Equal(layers is null && read.Settings.Pipeline > 1, read.NotUnderstood.Contains($"{variable}={value}"));
    }

    [Fact]
    public void The_context_of_llama_cpp_is_divided_among_its_slots()
    {
        var read = Of("llama-server -hf bartowski/Llama-3.1-8B-GGUF:Q4_K_M -c 32768 -np 4 -ctk q8_0 -ctv q4_0".Split(' '));
        Assert.Equal((8192, 4), (read.Settings.ContextLength, read.Settings.Sequences));
        Assert.Equal((QuantizationScheme.Q4KM, KeyValueCacheType.Q8, KeyValueCacheType.Q4), (read.Settings.Quantization?.Scheme, read.Settings.CacheType, read.Settings.ValueCacheType));
    }

    [Theory]
    [InlineData("vllm/vllm-openai:v0.19.0", "0.19.0")]
    [InlineData("registry.example:5000/vllm/vllm-openai:v0.10.1.1-cu129", "0.10.1.1")]
    [InlineData("vllm/vllm-openai:latest", null)]
    [InlineData("vllm/vllm-openai", null)]
    [InlineData("vllm/vllm-openai@sha256:0123", null)]
    [InlineData("vllm/vllm-openai:v0.19.0@sha256:0123", "0.19.0")]
    public void Arguments_alone_are_those_of_the_images_engine(string image, string? version)
    {
        var read = Assert.Single(EngineCommandReader.Read(Pod([], ["--model", Model], image, [])));
        Assert.Equal((InferenceEngine.VLLM, version, Model), (read.Settings.Engine, read.Settings.EngineVersion, read.Settings.Model?.Name));
    }

    [Fact]
    public void The_tag_of_somebody_elses_image_is_no_release_of_the_engine() =>
        Assert.Null(Assert.Single(EngineCommandReader.Read(Pod(["vllm", "serve", Model], [], "registry.example/chat:1.2.0", []))).Settings.EngineVersion);

    [Fact]
    public void The_launcher_of_tgi_takes_flags_from_the_environment_and_its_own_flags_before_them()
    {
        var read = Of(["text-generation-launcher", "--max-total-tokens", "4096"], environment: new() { ["MODEL_ID"] = Model, ["NUM_SHARD"] = "2", ["MAX_TOTAL_TOKENS"] = "9", ["OTHER"] = "1" });
        Assert.Equal((Model, 2, 4096), (read.Settings.Model?.Name, read.Settings.Tensor, read.Settings.ContextLength));
    }

    [Theory]
    [InlineData("--of-tomorrow 3", "--of-tomorrow 3")]
    [InlineData("--of-tomorrow", "--of-tomorrow")]
    [InlineData("--max-model-len long", "--max-model-len long")]
    [InlineData("--max-model-len", "--max-model-len")]
    [InlineData("--gpu-memory-utilization 1.5", "--gpu-memory-utilization 1.5")]
    [InlineData("--kv-cache-dtype fp7", "--kv-cache-dtype fp7")]
    [InlineData("--tensor-parallel-size $N", "--tensor-parallel-size $N")]
    public void What_is_not_understood_is_said_and_changes_nothing(string flags, string said)
    {
        var read = Of([.. $"vllm serve {Model} {flags}".Split(' ')]);
        Assert.Equal([said], read.NotUnderstood);
        Assert.Equal((Model, null, null, null), (read.Settings.Model?.Name, read.Settings.ContextLength, read.Settings.MemoryFraction, read.Settings.Tensor));
    }

    [Theory]
    [InlineData("vllm serve m/x", false)]
    [InlineData("vllm serve m/x --max-model-len auto", true)]
    [InlineData("vllm serve m/x --max-model-len=-1", true)]
    [InlineData("vllm serve m/x --max-model-len 4096", false)]
    [InlineData("llama-server -hf m/x -c 0 -ngl 99 -fa on", true)]
    [InlineData("llama-server -hf m/x -c 4096 -ngl all -fa --jinja", false)]
    [InlineData("text-generation-launcher --model-id m/x", true)]
    [InlineData("python3 -m sglang.launch_server --model-path m/x", true)]
    public void Only_vllm_refuses_to_start_where_the_models_own_length_has_no_room(string command, bool fits)
    {
        var read = Of(command.Split(' '));
        Assert.Equal(fits, read.Settings.ContextLength is null && ServedLength.IsWhatFits(read.Settings.Engine!.Value, read.LeavesLength));
        Assert.Empty(read.NotUnderstood);
    }

    [Theory]
    [InlineData("/models/llama")]
    [InlineData("./llama")]
    [InlineData("$MODEL")]
    public void A_path_in_the_container_names_no_model(string path)
    {
        var read = Of(["vllm", "serve", path]);
        Assert.Null(read.Settings.Model);
        Assert.Equal([path], read.NotUnderstood);
    }

    [Theory]
    [InlineData("sleep infinity")]
    [InlineData("python train.py --model x")]
    [InlineData("sh -c")]
    public void Other_commands_start_no_engine(string command) => Assert.Empty(EngineCommandReader.Read(Pod(command.Split(' '), [], "python:3.13", [])));

    [Theory]
    [InlineData(InferenceEngine.VLLM, "vllm serve --config /etc/train/engine.yaml --max-model-len 4096")]
    [InlineData(InferenceEngine.VLLM, "vllm serve meta-llama/Llama-3.1-8B --config=/etc/train/engine.yaml --max_model_len 4096")]
    [InlineData(InferenceEngine.SGLang, "python3 -m sglang.launch_server --config /etc/train/engine.yaml --context-length 4096")]
    public void A_file_says_what_flags_say_and_the_command_line_goes_over_it(InferenceEngine engine, string command)
    {
        var length = engine == InferenceEngine.VLLM ? "max_model_len" : "context-length";
        var model = engine == InferenceEngine.VLLM ? "model" : "model-path";
        var file = $"{model}: {Model}\ntensor-parallel-size: 4\n{length}: 32768\nkv_cache_dtype: fp8_e5m2\ntrust-remote-code: true\nlog-requests: false\n";
        var read = Assert.Single(EngineCommandReader.Read(TrainingPods.Pod(command.Split(' ')), [TrainingPods.Files("engine.yaml", file)]));

        Assert.Equal((engine, Model, 4, 4096), (read.Settings.Engine, read.Settings.Model?.Name, read.Settings.Tensor!.Value.Value, read.Settings.ContextLength));
        Assert.NotNull(read.Settings.CacheType);
        Assert.Empty(read.NotUnderstood);
        Assert.Contains(read.Understood, said => said.StartsWith("--config", StringComparison.Ordinal));
    }

    /// <summary>Keys of TensorRT-LLM's file are its Python arguments: the share of the cache and its type stand in an object.</summary>
    [Theory]
    [InlineData("trtllm-serve meta-llama/Llama-3.1-8B --extra_llm_api_options /etc/train/engine.yaml", 0.6)]
    [InlineData("trtllm-serve meta-llama/Llama-3.1-8B --config=/etc/train/engine.yaml", 0.6)]
    [InlineData("trtllm-serve meta-llama/Llama-3.1-8B --config /etc/train/engine.yaml --kv_cache_free_gpu_memory_fraction 0.7", 0.7)]
    public void The_options_of_TensorRT_LLM_are_read(string command, double share)
    {
        const string file = "kv_cache_config:\n  free_gpu_memory_fraction: 0.6\n  dtype: fp8\n  enable_block_reuse: false\ntensor_parallel_size: 2\nmax_batch_size: 64\nmax_num_tokens: 4096\n";
        var read = Assert.Single(EngineCommandReader.Read(TrainingPods.Pod(command.Split(' ')), [TrainingPods.Files("engine.yaml", file)]));

        Assert.Equal(((decimal)share, KeyValueCacheType.FP8, 2), (read.Settings.MemoryFraction?.ToDecimal(), read.Settings.CacheType, read.Settings.Tensor!.Value.Value));
        Assert.Equal((64, 4096), (read.Settings.MaxSequences, read.Settings.MaxBatchedTokens));
        Assert.Empty(read.NotUnderstood);
    }

    [Fact]
    public void A_file_that_the_script_writes_is_read_and_a_mapping_in_it_is_JSON()
    {
        var read = Of(["sh", "-c", $"cat > /tmp/a.yaml <<EOF\nmodel: {Model}\nspeculative-config: {{model: meta-llama/Llama-3.2-1B, num_speculative_tokens: 3}}\nEOF\nvllm serve --config /tmp/a.yaml"]);

        Assert.Equal((Model, "meta-llama/Llama-3.2-1B"), (read.Settings.Model?.Name, read.Settings.Draft?.Model?.Name));
        Assert.Empty(read.NotUnderstood);
    }

    [Theory]
    [InlineData("vllm serve meta-llama/Llama-3.1-8B --config /etc/train/other.yaml", "ConfigMap files has no such key; it has engine.yaml")]
    [InlineData("vllm serve meta-llama/Llama-3.1-8B --config engine.yaml", "is in a directory that only the image knows")]
    [InlineData("vllm serve meta-llama/Llama-3.1-8B --config", "is in a directory that only the image knows")]
    public void A_file_that_is_not_known_is_named_with_the_reason(string command, string why)
    {
        var read = Assert.Single(EngineCommandReader.Read(TrainingPods.Pod(command.Split(' ')), [TrainingPods.Files("engine.yaml", "tensor-parallel-size: 2")]));

        Assert.Contains(why, Assert.Single(read.NotUnderstood), StringComparison.Ordinal);
    }

    private static EngineCommand Of(IList<string> command, Dictionary<string, string>? environment = null) =>
        Assert.Single(EngineCommandReader.Read(Pod(command, [], null, environment ?? [])));

    private static V1PodSpec Pod(IList<string> command, IList<string> args, string? image, Dictionary<string, string> environment) => new()
    {
        Containers = [new V1Container { Name = "engine", Image = image, Command = command, Args = args, Env = [.. environment.Select(pair => new V1EnvVar { Name = pair.Key, Value = pair.Value })] }],
    };
}
