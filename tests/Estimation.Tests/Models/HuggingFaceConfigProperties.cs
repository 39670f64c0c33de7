using System.Text;
using FsCheck;
using FsCheck.Fluent;
using GpuMem.Estimation.Models;

namespace GpuMem.Estimation.Tests.Models;

public sealed class HuggingFaceConfigProperties
{
    private static readonly string[] Values =
    [
        "0", "-1", "1", "32", "4096", "2147483648", "9223372036854775807", "1e999999", "1.5", "null", "true", "\"x\"", "[]", "{}",
    ];

    private static readonly string[] Names =
    [
        "model_type", "hidden_size", "num_hidden_layers", "num_attention_heads", "num_key_value_heads", "head_dim", "intermediate_size", "vocab_size",
        "tie_word_embeddings", "attention_bias", "text_config", "n_positions", "num_experts", "kv_lora_rank", "word_embed_proj_dim", "resid_pdrop",
    ];

    private static readonly string[] Families = ["llama", "gpt2", "falcon", "opt", "gemma3_text", "qwen", "chatglm", "stablelm", "unheard_of"];

    [Fact]
    public void Any_bytes_give_a_model_or_a_format_problem_and_nothing_else()
    {
        var bytes = ArbMap.Default.ArbFor<byte[]>();
        Check.One(Runs.TenThousand, Prop.ForAll(bytes, json => IsReadOrRefused(json)));
    }

    [Fact]
    public void Any_mix_of_fields_and_values_gives_a_countable_model_or_a_format_problem()
    {
        var field = from name in Gen.Elements(Names) from value in Gen.Elements(Values) select $"\"{name}\":{value}";
        var config = from family in Gen.Elements(Families)
                     from fields in field.ListOf()
                     select $$"""
                         {"model_type":"{{family}}","hidden_size":4096,"num_hidden_layers":2,"num_attention_heads":32,"intermediate_size":64,"vocab_size":99{{string.Concat(fields.Select(f => "," + f))}}}
                         """;
        Check.One(Runs.TenThousand, Prop.ForAll(config.ToArbitrary(), json => IsReadOrRefused(Encoding.UTF8.GetBytes(json))));
    }

    private static bool IsReadOrRefused(byte[] json)
    {
        try
        {
            return HuggingFaceConfig.Parse(json).Parameters > 0;
        }
        catch (ModelFormatException exception)
        {
            return exception.Message.Length > 0;
        }
    }
}
