using System.Text.Json.Nodes;
using GpuMem.Api.Serving;
using GpuMem.Api.TrainingJobs;
using GpuMem.Planning;

namespace GpuMem.Api.ModelServers;

[Description("What to serve and how, in the fields of an Inference file, and where it may run. Whatever is left out takes the default named in its description.")]
[ValidationRule("!(has(self.template) && has(self.targetRef))", message: "give template (GpuMem launches the server) or targetRef (somebody else does), not both")]
[ValidationRule("has(self.contextLength) != has(self.inputLength)", message: "give contextLength, the tokens of prompt and output together, or inputLength, those of the prompt")]
[ValidationRule("!has(self.replicas) || has(self.template)", message: "replicas is for the servers that template makes: give template, or leave the number to the workload")]
public sealed class ModelServerSpec : InferenceSettings
{
    [Description("Where the server may run. Default: any GPU pool.")]
    public ServerPlacementSettings? Placement { get; set; }

    [Description("What GpuMem may do about it.")]
    public PolicySettings? Policy { get; set; }

    [PreserveUnknownFields]
    [Description(
        "The pod template, as in a Deployment: GpuMem launches one such pod for each replica, or a LeaderWorkerSet of them where a replica takes several nodes, with GPU count and node pool filled in. "
        + "Its author must be allowed to create pods in this namespace.")]
    public JsonObject? Template { get; set; }

    [RangeMinimum(0)]
    [RangeMaximum(10_000)]
    [Description("Replicas that template is launched with. Default: 1 at first, then as whoever scales the Deployment or LeaderWorkerSet says.")]
    public int? Replicas { get; set; }

    [Description("A workload that somebody else launches and that this server describes: a Deployment, a StatefulSet, or whatever controls the pods.")]
    public TargetReference? TargetRef { get; set; }
}

[Description("Where the server may run.")]
public sealed class ServerPlacementSettings
{
    [Items(maxItems: 64)]
    [Description("Names of GPU pools the server may use. Default: any. Example: [h100, h200].")]
    public IList<string>? Pools { get; set; }

    [Description("What makes one placement better than another. Default Cost.")]
    public Objective? Objective { get; set; }

    [Length(1, 24)]
    [Pattern(@"^[0-9]+(\.[0-9]+)?(Ki|Mi|Gi|Ti|k|M|G|T)?$")]
    [Description("Memory of each GPU that others hold when the engine starts, where GPUs are shared. Default 0. Example: 20Gi.")]
    public Quantity? OccupiedMemory { get; set; }
}
