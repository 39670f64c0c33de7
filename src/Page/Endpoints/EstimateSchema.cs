using GpuMem.Planning;

namespace GpuMem.Page.Endpoints;

/// <summary>The schema of what <see cref="EstimateAnswer"/> says.</summary>
internal static class EstimateSchema
{
    public static JsonObject Answer() => Schema.Object(
        ("kind", Schema.OrNull(Schema.Text("TrainingJob or ModelServer."))),
        ("manifest", Schema.OrNull(Schema.Anything("The manifest, without status."))),
        ("yaml", Schema.OrNull(Schema.Text("The same as a file."))),
        ("problems", ManifestEndpoint.Problems()),
        ("verdict", Schema.Name<Verdict>()),
        ("message", Schema.Text("The verdict in words.")),
        ("facts", Schema.List(Schema.Text("A sentence that is worth knowing."))),
        ("held", Schema.OrNull(Held())),
        ("estimate", Schema.OrNull(Estimate())),
        ("capacity", Schema.OrNull(Capacity())),
        ("stages", Schema.List(Stage())),
        ("candidates", Schema.List(Candidate())),
        ("suggestions", Schema.List(Suggestion())));

    private static JsonObject Held() => Schema.Object(
        ("name", Schema.Text("The GPU or the pool.")),
        ("product", Schema.Text("The GPU.")),
        ("gpus", Schema.Whole("GPUs in all.")),
        ("layout", Schema.Text("How they divide the work.")),
        ("usableBytes", Schema.OrNull(Schema.Whole("What a process can allocate on one GPU."))),
        ("availableBytes", Schema.OrNull(Schema.Whole("What of it an engine on the same GPU leaves."))));

    private static JsonObject Estimate() => Schema.Object(
        ("model", Schema.Text()),
        ("parameters", Schema.Whole()),
        ("expectedBytes", Schema.Whole("What a usual run needs of one GPU.")),
        ("upperBoundBytes", Schema.Whole("What a run is very unlikely to exceed.")),
        ("lowerBoundBytes", Schema.Whole("What is certain: weights, gradients and states.")),
        ("allocatedBytes", Schema.Whole()),
        ("reservedBytes", Schema.Whole()),
        ("peakPhase", Schema.Name<Phase>()),
        ("worstPipelineStage", Schema.Whole()),
        ("confidence", Schema.Name<Confidence>()),
        ("assumptions", Schema.List(Schema.Text())),
        ("terms", Schema.List(Schema.Object(
            ("name", Schema.Name<TermKind>()),
            ("bytes", Schema.Whole()),
            ("upperBoundBytes", Schema.Whole()),
            ("formula", Schema.Text("In symbols.")),
            ("numbers", Schema.Text("With numbers.")),
            ("source", Schema.Text("Paper or upstream file.")),
            ("title", Schema.Text("The name in words."))))),
        ("formulaVersion", Schema.Text()));

    private static JsonObject Capacity() => Schema.Object(
        ("fits", Schema.YesOrNo()),
        ("certain", Schema.YesOrNo()),
        ("cacheBytes", Schema.Whole("Of each GPU, for keys and values.")),
        ("bytesPerToken", Schema.Whole()),
        ("tokens", Schema.Whole("Tokens of all sequences that a replica holds.")),
        ("sequences", Schema.Whole("Sequences of the length asked for.")),
        ("maxContext", Schema.Whole("The longest sequence.")));

    /// <summary>Of a job or of a server.</summary>
    private static JsonObject Stage() => Schema.Object(
        ("stage", Schema.Whole("Of the pipeline of a job or of a server, from 0.")),
        ("expectedBytes", Schema.Whole()),
        ("upperBoundBytes", Schema.Whole()),
        ("terms", Schema.List(Schema.Object(("name", Schema.Name<TermKind>()), ("bytes", Schema.Whole())))));

    private static JsonObject Candidate() => Schema.Object(
        ("pool", Schema.Text("The GPU of the catalogue, or the pool of the cluster.")),
        ("product", Schema.Text()),
        ("verdict", Schema.Name<Verdict>()),
        ("gpus", Schema.Whole()),
        ("nodes", Schema.Whole()),
        ("gpusPerNode", Schema.Whole()),
        ("free", Schema.OrNull(Schema.Whole())),
        ("expectedBytes", Schema.Whole()),
        ("upperBoundBytes", Schema.Whole()),
        ("usableBytes", Schema.OrNull(Schema.Whole())),
        ("shortBytes", Schema.OrNull(Schema.Whole())),
        ("hourlyCost", Schema.OrNull(Schema.Number())),
        ("tokensPerSecond", Schema.OrNull(Schema.Number())),
        ("chosen", Schema.Map(Schema.Text())),
        ("note", Schema.OrNull(Schema.Text())),
        ("message", Schema.Text("The verdict in words.")));

    private static JsonObject Suggestion() => Schema.Object(
        ("change", Schema.Text("As it is written in YAML.")),
        ("patch", Schema.Anything("A merge patch of the manifest.")),
        ("expectedBytes", Schema.Whole()),
        ("gpus", Schema.Whole()),
        ("pool", Schema.Text("Where it leads there.")),
        ("verdict", Schema.Name<Verdict>()),
        ("cost", Schema.OrNull(Schema.Text("In words; null when next to nothing."))),
        ("message", Schema.Text("The change and what it leads to.")));
}
