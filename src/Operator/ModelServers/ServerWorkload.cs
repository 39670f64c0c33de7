using System.Globalization;
using System.Text.Json.Nodes;
using GpuMem.Api;
using GpuMem.Api.Decisions;
using GpuMem.Api.ModelServers;
using GpuMem.Api.Pods;
using GpuMem.Api.TrainingJobs;

namespace GpuMem.Operator.ModelServers;

/// <summary>
/// What a ModelServer becomes: a Deployment, one pod for each replica. The same server and decision always give the same manifest, so applying it
/// again changes nothing.
/// </summary>
internal static class ServerWorkload
{
    /// <summary>On the Deployment: the generation of the ModelServer that it was launched for.</summary>
    public const string GenerationAnnotation = "gpumem.io/generation";

    public static EntityMetadata DeploymentType { get; } = EntityMetadata.Of<V1Deployment>();

    public static JsonObject Deployment(ModelServer owner, ServerDecision decision, PlanStatus plan)
    {
        var spec = new JsonObject
        {
            ["selector"] = new JsonObject { ["matchLabels"] = Labels(owner) },
            ["template"] = Template(owner, decision),
        };
        // A number that was not asked for stays whoever's it is, an autoscaler's for example.
        if (owner.Spec.Replicas is { } replicas)
            spec["replicas"] = replicas;
        return new JsonObject
        {
            ["apiVersion"] = DeploymentType.ApiVersion,
            ["kind"] = DeploymentType.Kind,
            ["metadata"] = Metadata(owner, plan),
            ["spec"] = spec,
        };
    }

    /// <summary>The template as its author wrote it, with the plan's GPU count and pool.</summary>
    private static JsonObject Template(ModelServer owner, ServerDecision decision)
    {
        var template = owner.Spec.Template!.DeepClone().AsObject();
        PatchOperation.Apply(template, PodRewrite.Operations(template, decision));
        template.Member("metadata").Member("labels")[ApiGroup.ModelServerLabel] = owner.Name();
        if (owner.Spec.Tensor is { IsAuto: true } && decision.Plan.Best is { } best)
            AddTensor(template, best.Spec.Tensor);

        // An engine that does not start says why in its last lines, and this keeps them on the pod.
        foreach (var container in (template.Member("spec")["containers"] as JsonArray ?? []).OfType<JsonObject>())
            container["terminationMessagePolicy"] ??= "FallbackToLogsOnError";
        return template;
    }

    /// <summary>What the planner chose is for the command to use: <c>--tensor-parallel-size=$(GPUMEM_TENSOR)</c>.</summary>
    private static void AddTensor(JsonObject template, int tensor)
    {
        const string Name = "GPUMEM_TENSOR";
        foreach (var container in (template.Member("spec")["containers"] as JsonArray ?? []).OfType<JsonObject>())
        {
            if (container["env"] is not JsonArray env)
                container["env"] = env = new JsonArray();
            if (env.OfType<JsonObject>().All(variable => variable["name"]?.ToString() != Name))
                env.Add((JsonNode)new JsonObject { ["name"] = Name, ["value"] = tensor.ToString(CultureInfo.InvariantCulture) });
        }
    }

    private static JsonObject Metadata(ModelServer owner, PlanStatus plan)
    {
        var metadata = ChildManifest.Metadata(owner, Labels(owner));
        metadata["annotations"] = new JsonObject
        {
            [GenerationAnnotation] = (owner.Generation() ?? 0).ToString(CultureInfo.InvariantCulture),
            [LaunchedPlan.Annotation] = LaunchedPlan.Write(plan),
        };
        return metadata;
    }

    private static JsonObject Labels(ModelServer owner) => new() { [ApiGroup.ModelServerLabel] = owner.Name() };
}
