using GpuMem.Catalogues.Models;
using GpuMem.Estimation;
using GpuMem.Serving;
using GpuMem.Estimation.Models;
using GpuMem.Planning.Serving;

namespace GpuMem.Planning.Tests.Serving;

/// <summary>Model servers that several tests start from.</summary>
internal static class Servers
{
    public static Pool H100 { get; } = Pools.Of(Bytes.FromGiB(79.1m), name: "h100");

    public static Pool H200 { get; } = Pools.Of(Bytes.FromGiB(139.7m), name: "h200");

    public static ModelArchitecture Llama70B { get; } = Model("meta-llama/Llama-3.1-70B");

    public static ServerRequest Of(ModelArchitecture model, long context = 8192, long sequences = 1) => new()
    {
        Spec = new InferenceSpec { Model = model, InputLength = context, Batch = sequences },
        BatchedTokensAreAuto = true,
    };

    public static ServerRequest With(this ServerRequest request, Func<InferenceSpec, InferenceSpec> turn) => request with { Spec = turn(request.Spec) };

    public static ServerRequest With(this ServerRequest request, ServerSuggestion suggestion) =>
        suggestion.Changes.Aggregate(request, (changed, change) => change.ApplyTo(changed));

    public static ModelArchitecture Model(string name) => ModelCatalogue.TryFind(name, out var model, out var problem) ? model : throw new InvalidOperationException(problem);
}
