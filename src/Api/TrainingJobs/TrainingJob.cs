using System.Text.Json.Nodes;
using GpuMem.Api.Pods;

namespace GpuMem.Api.TrainingJobs;

[KubernetesEntity(Group = ApiGroup.Name, ApiVersion = ApiGroup.Version, Kind = "TrainingJob", PluralName = "trainingjobs")]
[EntityScope(EntityScope.Namespaced)]
[KubernetesEntityShortNames("gtj")]
[KubernetesEntityCategories("gpumem")]
[Description("A training job: a model and a strategy. GpuMem estimates the memory it needs on each GPU, chooses pool and GPU count, and runs it or explains why it cannot run.")]
[ValidationRule("size(self.metadata.name) <= 52 && self.metadata.name.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$')", message: "the name becomes a DNS label with a pod index behind it: at most 52 characters of a-z, 0-9 and -, beginning with a letter")]
[GenericAdditionalPrinterColumn(".status.phase", "Phase", "string", Description = "Where the job stands.")]
[GenericAdditionalPrinterColumn(".status.model.name", "Model", "string", Description = "The model.")]
[GenericAdditionalPrinterColumn(".status.plan.layout", "GPUs", "string", Description = "Pods times GPUs of each.")]
[GenericAdditionalPrinterColumn(".status.estimate.perGPU", "Estimate", "string", Description = "Expected memory of the most loaded GPU.")]
[GenericAdditionalPrinterColumn(".status.plan.capacity", "Capacity", "string", Description = "What a process can allocate on one GPU of the pool.")]
[GenericAdditionalPrinterColumn(".status.plan.pool", "Pool", "string", Description = "The pool chosen, or the one that came nearest.")]
[GenericAdditionalPrinterColumn(".status.verdict", "Verdict", "string", Description = "Fits, AtRisk, Unknown, DoesNotFit, Impossible or Invalid.")]
[GenericAdditionalPrinterColumn(".status.estimate.largestTerm", "Largest", "string", Priority = PrinterColumnPriority.WideView, Description = "The largest part of the estimate.")]
[GenericAdditionalPrinterColumn(".status.estimate.confidence", "Confidence", "string", Priority = PrinterColumnPriority.WideView, Description = "How sure the estimate is.")]
[GenericAdditionalPrinterColumn(".status.message", "Message", "string", Priority = PrinterColumnPriority.WideView, Description = "The verdict in words.")]
[GenericAdditionalPrinterColumn(".metadata.creationTimestamp", "Age", "date")]
public sealed class TrainingJob : CustomKubernetesEntity<TrainingJobSpec, TrainingJobStatus>, IPodDescription
{
    // Seen through the interface alone: what is serialised is the spec.
    ModelSpec? IPodDescription.Model => Spec?.Model;

    PolicySettings? IPodDescription.Policy => Spec?.Policy;

    TargetReference? IPodDescription.TargetRef => Spec?.TargetRef;

    JsonObject? IPodDescription.Template => Spec?.Template;
}
