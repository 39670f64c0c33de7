using System.Text.Json.Nodes;
using GpuMem.Api.Pods;
using GpuMem.Api.TrainingJobs;

namespace GpuMem.Api.ModelServers;

[KubernetesEntity(Group = ApiGroup.Name, ApiVersion = ApiGroup.Version, Kind = "ModelServer", PluralName = "modelservers")]
[EntityScope(EntityScope.Namespaced)]
[KubernetesEntityShortNames("gms")]
[KubernetesEntityCategories("gpumem")]
[Description("A model server: a model and how it is served. GpuMem says whether the engine would start on a GPU and serve this context, what one replica holds, and runs it or explains why it cannot run.")]
[ValidationRule("size(self.metadata.name) <= 63 && self.metadata.name.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$')", message: "the name becomes the value of a label: at most 63 characters of a-z, 0-9 and -, beginning with a letter")]
[GenericAdditionalPrinterColumn(".status.phase", "Phase", "string", Description = "Where the server stands.")]
[GenericAdditionalPrinterColumn(".status.model.name", "Model", "string", Description = "The model.")]
[GenericAdditionalPrinterColumn(".status.plan.layout", "GPUs", "string", Description = "Of one replica: pods times GPUs of each.")]
[GenericAdditionalPrinterColumn(".status.holds.tokens", "Tokens", "integer", Description = "Tokens that one replica holds at once.")]
[GenericAdditionalPrinterColumn(".status.holds.maxContext", "Context", "integer", Description = "The longest sequence that one replica can hold.")]
[GenericAdditionalPrinterColumn(".status.plan.capacity", "Capacity", "string", Description = "What a process can allocate on one GPU of the pool.")]
[GenericAdditionalPrinterColumn(".status.plan.pool", "Pool", "string", Description = "The pool chosen, or the one that came nearest.")]
[GenericAdditionalPrinterColumn(".status.verdict", "Verdict", "string", Description = "Fits, AtRisk, Unknown, DoesNotFit, Impossible or Invalid.")]
[GenericAdditionalPrinterColumn(".status.estimate.perGPU", "Estimate", "string", Priority = PrinterColumnPriority.WideView, Description = "Expected memory of the most loaded GPU, with the cache of all sequences asked for.")]
[GenericAdditionalPrinterColumn(".status.estimate.confidence", "Confidence", "string", Priority = PrinterColumnPriority.WideView, Description = "How sure the estimate is.")]
[GenericAdditionalPrinterColumn(".status.message", "Message", "string", Priority = PrinterColumnPriority.WideView, Description = "The verdict in words.")]
[GenericAdditionalPrinterColumn(".metadata.creationTimestamp", "Age", "date")]
public sealed class ModelServer : CustomKubernetesEntity<ModelServerSpec, ModelServerStatus>, IPodDescription
{
    // Seen through the interface alone: what is serialised is the spec.
    ModelSpec? IPodDescription.Model => Spec?.Model;

    PolicySettings? IPodDescription.Policy => Spec?.Policy;

    TargetReference? IPodDescription.TargetRef => Spec?.TargetRef;

    JsonObject? IPodDescription.Template => Spec?.Template;
}
