namespace GpuMem.Bench.Estimates;

/// <summary>Sound inputs to damage: configurations of several families first, then a case.</summary>
internal static class Seeds
{
    public static readonly string[] All =
    [
        """{"model_type":"llama","hidden_size":4096,"num_hidden_layers":32,"num_attention_heads":32,"num_key_value_heads":8,"intermediate_size":14336,"vocab_size":128256,"rope_scaling":{"factor":8.0,"rope_type":"llama3"},"tie_word_embeddings":false}""",
        """{"model_type":"gpt2","n_embd":768,"n_layer":12,"n_head":12,"n_positions":1024,"vocab_size":50257,"attn_pdrop":0.1}""",
        """{"model_type":"qwen3_moe","hidden_size":2048,"num_hidden_layers":48,"num_attention_heads":32,"num_key_value_heads":4,"head_dim":128,"intermediate_size":6144,"moe_intermediate_size":768,"num_experts":128,"num_experts_per_tok":8,"vocab_size":151936,"mlp_only_layers":[],"decoder_sparse_step":1}""",
        """{"model_type":"deepseek_v3","hidden_size":7168,"num_hidden_layers":61,"num_attention_heads":128,"num_key_value_heads":128,"intermediate_size":18432,"moe_intermediate_size":2048,"n_routed_experts":256,"n_shared_experts":1,"num_experts_per_tok":8,"first_k_dense_replace":3,"q_lora_rank":1536,"kv_lora_rank":512,"qk_nope_head_dim":128,"qk_rope_head_dim":64,"v_head_dim":128,"vocab_size":129280,"num_nextn_predict_layers":1}""",
        """{"model_type":"gemma3","text_config":{"model_type":"gemma3_text","hidden_size":2560,"num_hidden_layers":34,"num_attention_heads":8,"num_key_value_heads":4,"head_dim":256,"intermediate_size":10240,"vocab_size":262208,"sliding_window":1024},"vision_config":{"hidden_size":1152,"num_hidden_layers":27}}""",
        """{"model_type":"t5","d_model":512,"d_kv":64,"d_ff":2048,"num_layers":6,"num_decoder_layers":6,"num_heads":8,"vocab_size":32128}""",
        """{"id":"a","group":"a","source":"somewhere","framework":"Torchtune","frameworkVersion":null,"trainer":"Torchtune","mode":"QLoRA","model":{"id":"meta-llama/Llama-3.1-8B","architecture":{"hiddenSize":4096,"layers":32,"heads":32,"kvHeads":8,"headDim":128,"ffnHiddenSize":14336,"vocabSize":128256,"tiedEmbeddings":false,"gatedMlp":true,"norm":"RMSNorm","bias":false,"positional":"Rope","moe":null,"mla":null},"parameters":8030261248},"precision":{"compute":"Bf16","parameters":"Bf16","masterParameters":null,"gradients":"Bf16","extraGradients":null,"optimizerStates":"Bf16"},"optimizer":"AdamW","optimizerInBackward":false,"foreachOptimizer":false,"sharding":{"zeroStage":0,"fsdp":"None","distributedOptimizer":false},"parallel":{"gpus":1,"tensor":1,"pipeline":1,"context":1,"expert":1,"data":1,"sequenceParallel":false,"pipelineSchedule":"None","virtualStages":1,"rank":"Any"},"batch":{"microBatch":2,"sequenceLength":2048,"gradientAccumulation":1,"padded":false},"recompute":"Full","attention":"Sdpa","loss":"Chunked","compile":true,"offload":{"parameters":"None","optimizer":"None","activations":false},"lora":{"rank":8,"targets":["q_proj","k_proj","v_proj","o_proj","gate_proj","up_proj","down_proj"],"adapterDtype":"Bf16"},"quantization":{"scheme":"Nf4DoubleQuant","groupSize":64},"inference":null,"gpu":{"name":"RTX 4090","memoryGiB":24},"measured":{"metric":"Reserved","gib":7.4,"component":null},"confidence":"Medium","assumed":["loss","recompute","measured.metric","lora"],"note":""}""",
    ];

    /// <summary>How many of them, the first ones, are configurations.</summary>
    public const int Configurations = 6;
}
