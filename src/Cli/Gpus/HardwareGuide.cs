using System.Globalization;
using System.Text;
using GpuMem.Api.Cluster;
using GpuMem.Api.Json;
using GpuMem.Api.Serving;
using GpuMem.Api.TrainingJobs;
using GpuMem.Catalogues.Gpus;
using GpuMem.Estimation;
using GpuMem.Estimation.Jobs;
using GpuMem.Planning;
using GpuMem.Planning.Serving;

namespace GpuMem.Cli.Gpus;

/// <summary>The page that says how many GPUs of which kind the usual model sizes take, beside what the popular formulas say.</summary>
internal static class HardwareGuide
{
    private const long Sequence = 2048;
    private const long Context = 4096;
    private const int Node = 8;

    // What most tables call by its size, and the model that is meant.
    private static readonly (string Size, string? Name)[] Models =
    [
        ("7B", "meta-llama/Llama-2-7b-hf"), ("13B", "meta-llama/Llama-2-13b-hf"), ("30B", "facebook/opt-30b"), ("34B", "codellama/CodeLlama-34b-hf"),
        ("70B", "meta-llama/Llama-2-70b-hf"), ("175B", null),
    ];

    private static readonly string[] Gpus = ["a100-80gb", "h100-80gb", "h200", "l40s", "4090", "t4", "mi300x"];

    public static string Of()
    {
        var gpus = Gpus.Select(name => GpuCatalogue.TryFind(name, out var gpu) ? gpu : throw new InvalidOperationException(name)).ToList();
        var page = new StringBuilder();
        page.AppendLine(CultureInfo.InvariantCulture, $"""
            # Which GPUs a model takes

            How many GPUs the usual sizes of models take, by the planner that admits pods, beside what the popular formulas say. This page is written by
            `gpumem hardware-guide --page docs/hardware-guide.md`; `gpumem plan` answers for any other job.

            * **Full**: all weights, AdamW, bf16 mixed precision, fully sharded, {Sequence:N0} tokens, one sequence for each GPU, full recomputation.
            * **LoRA** and **QLoRA**: adapters of rank 16 on all linear layers, the same otherwise.
            * **Inference**: vLLM in bf16, or with AWQ's four bits, one sequence of {Context:N0} tokens; the tensor parallel size inside a node of {Node}.
            * A number is the fewest GPUs on which even the upper bound fits; **≥** where it only fits if nothing needs more than expected; **–** where no
              number up to {1024:N0} does, or no node of {Node} for inference.
            * In brackets what the popular formula says, where that is another number: 16 B for each parameter and nothing else to train (Full), 2 B and a fifth
              more to serve, over the memory in the product's name.
            """);
        Table(page, "Training all weights", gpus, (size, gpu) => Trained(size, gpu, TrainingMethod.Full), (parameters, gpu) => Popular(16 * parameters, gpu));
        Table(page, "LoRA", gpus, (size, gpu) => Trained(size, gpu, TrainingMethod.LoRA), null);
        Table(page, "QLoRA", gpus, (size, gpu) => Trained(size, gpu, TrainingMethod.QLoRA), null);
        Table(page, "Inference in 16 bits", gpus, (size, gpu) => Served(size, gpu, null), (parameters, gpu) => Popular(2.4 * parameters, gpu));
        Table(page, "Inference in 4 bits", gpus, (size, gpu) => Served(size, gpu, QuantizationScheme.AWQ4), null);
        page.Append("""

            ## Where the popular figures are wrong

            * **"16 B for each parameter"** is the states alone. Activations, logits, buffers and the context come on top, and they do not shrink with more GPUs:
              two A100s of 80 GB hold the 112 GB of states of a 7B model and one sequence of 2,048 tokens for each, but not four; no number of cards of 16 GB
              has room for what one sequence keeps of a 175B model.
            * **The memory in the name is not there.** An H100 of "80 GB" gives a process 79.1 GiB, an L40S of "48 GB" 44.4, a T4 of "16 GB" 14.6; mixing 10⁹ and
              2³⁰ hides 7 % more.
            * **Weights × 1.2 is no inference figure.** What is left after the weights is the cache, and that follows from context, heads and layers: a quarter of
              the size for grouped heads, and more than the weights for long contexts.
            * **Precision does not halve everything.** Master weights and moments stay in fp32: fp32 and bf16 mixed training both take 16 B of states.
            * **Recomputation keeps two bytes of each layer's input**, about 6 % of the activations, and not the square root of anything; logits stay whole.
            * **Dense throughput is half of what the data sheet prints first**: 989 TFLOP/s for an H100 in bf16, not 1,979; `gpumem gpus` lists the dense ones.

            """);
        return page.ToString().ReplaceLineEndings("\n");
    }

    private static void Table(StringBuilder page, string title, List<GpuModel> gpus, Func<string?, GpuModel, (Verdict Verdict, long Gpus)> ours, Func<double, GpuModel, long>? popular)
    {
        page.AppendLine(CultureInfo.InvariantCulture, $"\n## {title}\n\n| | {string.Join(" | ", gpus.Select(gpu => gpu.Name))} |\n|---|{string.Concat(gpus.Select(_ => "---|"))}");
        foreach (var (size, name) in Models)
            page.AppendLine(CultureInfo.InvariantCulture, $"| {size} | {string.Join(" | ", gpus.Select(gpu => Cell(ours(name, gpu), popular?.Invoke(Parameters(size), gpu))))} |");
    }

    private static string Cell((Verdict Verdict, long Gpus) ours, long? popular)
    {
        var text = ours.Verdict switch { Verdict.Fits => $"{ours.Gpus}", Verdict.AtRisk => $"≥ {ours.Gpus}", _ => "–" };
        return popular is { } said && $"{said}" != text ? $"{text} ({said})" : text;
    }

    private static double Parameters(string size) => double.Parse(size[..^1], CultureInfo.InvariantCulture) * 1e9;

    /// <summary>GPUs over which so many bytes are divided, by the memory in the name.</summary>
    private static long Popular(double bytes, GpuModel gpu) => (long)Math.Ceiling(bytes / 1e9 / gpu.NominalGB);

    private static ModelSpec Model(string? name) => name is null ? new ModelSpec { Parameters = "175B" } : new ModelSpec { Name = name };

    private static (Verdict, long) Trained(string? model, GpuModel gpu, TrainingMethod method)
    {
        var job = new TrainingJob
        {
            Spec = new TrainingJobSpec
            {
                Model = Model(model),
                Training = new TrainingSettings { SequenceLength = Sequence, Method = method, Recompute = Recompute.Full },
                Parallelism = new ParallelismSettings { Sharding = Sharding.Full },
            },
        };
        var request = TrainingJobReader.Read(job, NoConfigMaps.Instance, gpusOfPod: null, out var problems) ?? throw new InvalidOperationException(problems[0].ToString());
        var plan = Planner.Plan(request, [Pool.Of(gpu, request)]);
        return (plan.Verdict, plan.Best?.Gpus ?? 0);
    }

    private static (Verdict, long) Served(string? model, GpuModel gpu, QuantizationScheme? quantization)
    {
        var settings = new InferenceSettings { Model = Model(model), ContextLength = Context, Quantization = quantization is null ? null : new QuantizationSettings { Scheme = quantization } };
        var spec = InferenceReader.Read(settings, out var problems) ?? throw new InvalidOperationException(problems[0].ToString());
        var plan = ServerPlanner.Plan(new ServerRequest { Spec = spec, TensorIsAuto = true, BatchedTokensAreAuto = true, SequencesOfPassAreAuto = true }, [ServerPlanner.NodesOf(gpu, Node)]);
        return (plan.Verdict, plan.Best?.Gpus ?? 0);
    }
}
