namespace GpuMem.Api.TrainingJobs;

[KubernetesEntity(Group = ApiGroup.Name, ApiVersion = ApiGroup.Version, Kind = "TrainingJob", PluralName = "trainingjobs")]
[EntityScope(EntityScope.Namespaced)]
[EntityNames(ShortNames = ["gtj"], Categories = ["gpumem"])]
[Description("A training job: a model and a strategy. GpuMem estimates the memory it needs on each GPU, chooses pool and GPU count, and runs it or explains why it cannot run.")]
[ValidationRule("size(self.metadata.name) <= 52 && self.metadata.name.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$')", "the name becomes a DNS label with a pod index behind it: at most 52 characters of a-z, 0-9 and -, beginning with a letter")]
[PrinterColumn("Phase", ".status.phase", Description = "Where the job stands.")]
[PrinterColumn("Model", ".status.model.name", Description = "The model.")]
[PrinterColumn("GPUs", ".status.plan.layout", Description = "Pods times GPUs of each.")]
[PrinterColumn("Estimate", ".status.estimate.perGPU", Description = "Expected memory of the most loaded GPU.")]
[PrinterColumn("Capacity", ".status.plan.capacity", Description = "What a process can allocate on one GPU of the pool.")]
[PrinterColumn("Pool", ".status.plan.pool", Description = "The pool chosen, or the one that came nearest.")]
[PrinterColumn("Verdict", ".status.verdict", Description = "Fits, AtRisk, Unknown, DoesNotFit, Impossible or Invalid.")]
[PrinterColumn("Largest", ".status.estimate.largestTerm", Priority = 1, Description = "The largest part of the estimate.")]
[PrinterColumn("Confidence", ".status.estimate.confidence", Priority = 1, Description = "How sure the estimate is.")]
[PrinterColumn("Message", ".status.message", Priority = 1, Description = "The verdict in words.")]
[PrinterColumn("Age", ".metadata.creationTimestamp", "date")]
public sealed class TrainingJob : CustomKubernetesEntity<TrainingJobSpec, TrainingJobStatus>;
