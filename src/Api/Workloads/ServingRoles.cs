using System.Text.Json;
using System.Text.Json.Nodes;
using GpuMem.Api.Nodes;

namespace GpuMem.Api.Workloads;

/// <summary>Pods of resources that serve a model in roles, such as prefill, decode and a router; each serves by itself, or with others of its role.</summary>
internal static class ServingRoles
{
    private static readonly string[] OmeParts = ["engine", "decoder", "predictor"];

    /// <summary>
    /// workloads.x-k8s.io RoleBasedGroup: a role has its template itself, in a pattern, or by the name of one that roles share (rbg
    /// api/workloads/v1alpha1 and v1alpha2). What a patch of it makes only the pod says.
    /// </summary>
    public static IEnumerable<WorkloadPods> RoleBasedGroup(JsonElement? roles) =>
        from role in roles.Member("spec", "roles").Items()
        from holder in new[] { (string[])[], ["standalonePattern"], ["leaderWorkerPattern"] }
        let held = role.Item.Member(holder)
        where held is not null && !new[] { role.Item.Member("templatePatch"), role.Item.Member("leaderWorkerSet"), held.Member("templateRef", "patch"), held.Member("leaderTemplatePatch"), held.Member("workerTemplatePatch") }.Any(IsPatch)
        from pods in Templates.Template(held.Member("template"), Name(role.Item), held.Number("size") ?? 1, ["spec", "roles", role.At, .. holder, "template"])
            .Concat(Shared(roles, held.Member("templateRef").Text("name"), Name(role.Item), held.Number("size") ?? 1))
            .Concat(Components(role, holder))
        select pods;

    /// <summary>orchestration.aibrix.ai StormService: replicas of a set of roles (aibrix api/orchestration/v1alpha1).</summary>
    public static IEnumerable<WorkloadPods> StormService(JsonElement? service) => Roles(service, "spec", "template", "spec", "roles");

    /// <summary>orchestration.aibrix.ai RoleSet: one of these.</summary>
    public static IEnumerable<WorkloadPods> RoleSet(JsonElement? set) => Roles(set, "spec", "roles");

    /// <summary>workload.serving.volcano.sh ModelServing: each role has an entry pod, and workers maybe (kthena, examples/model-serving).</summary>
    public static IEnumerable<WorkloadPods> ModelServing(JsonElement? serving) =>
        from role in serving.Member("spec", "template", "roles").Items()
        from pods in Templates.Template(role.Item.Member("entryTemplate"), Name(role.Item), 1, "spec", "template", "roles", role.At, "entryTemplate")
            .Concat(Templates.Template(role.Item.Member("workerTemplate"), $"{Name(role.Item)} worker", role.Item.Number("workerReplicas") ?? 1, "spec", "template", "roles", role.At, "workerTemplate"))
        select pods;

    /// <summary>disaggregatedset.x-k8s.io DisaggregatedSet: a LeaderWorkerSet for each role (lws api/disaggregatedset/v1).</summary>
    public static IEnumerable<WorkloadPods> DisaggregatedSet(JsonElement? set) =>
        from role in set.Member("spec", "roles").Items()
        from pods in BatchWorkloads.LeaderWorkerGroup(role.Item.Member("spec", "leaderWorkerTemplate"), "spec", "roles", role.At, "spec", "leaderWorkerTemplate")
        select pods with { Role = $"{Name(role.Item)} {pods.Role}" };

    /// <summary>grove.io PodCliqueSet: specs of pods (grove operator/api/core/v1alpha1).</summary>
    public static IEnumerable<WorkloadPods> PodCliqueSet(JsonElement? set) =>
        from clique in set.Member("spec", "template", "cliques").Items()
        from pods in Templates.Spec(clique.Item.Member("spec", "podSpec"), Name(clique.Item), 1)
        select pods;

    /// <summary>
    /// nvidia.com DynamoGraphDeployment: v1beta1 has a template for each component; v1alpha1 a spec of a pod whose main container and whose GPUs stand
    /// beside it, under names of their own (dynamo examples/backends/vllm/deploy).
    /// </summary>
    public static IEnumerable<WorkloadPods> DynamoGraphDeployment(JsonElement? graph) =>
        (from component in graph.Member("spec", "components").Items()
         from pods in Templates.Template(component.Item.Member("podTemplate"), Name(component.Item), component.Item.Member("multinode").Number("nodeCount") ?? 1, "spec", "components", component.At, "podTemplate")
         select pods)
        .Concat(
            from service in graph.Member("spec", "services").Members()
            from pods in Templates.Spec(DynamoPod(service.Value), service.Name, service.Value.Member("multinode").Number("nodeCount") ?? 1)
            select pods);

    /// <summary>apps.nvidia.com NIMService: its own fields hold what a container and its pod would (k8s-nim-operator api/apps/v1alpha1).</summary>
    public static IEnumerable<WorkloadPods> NimService(JsonElement? service) => OfNim(service.Member("spec"), "");

    /// <summary>apps.nvidia.com NIMPipeline: services that are made together, those that are not enabled left out (k8s-nim-operator internal/controller/nimpipeline_controller.go).</summary>
    public static IEnumerable<WorkloadPods> NimPipeline(JsonElement? pipeline) =>
        from service in pipeline.Member("spec", "services").Items()
        where service.Item.Member("enabled") is { ValueKind: JsonValueKind.True }
        from pods in OfNim(service.Item.Member("spec"), Name(service.Item))
        select pods;

    private static IEnumerable<WorkloadPods> OfNim(JsonElement? spec, string role)
    {
        var container = Copy(spec, "command", "args", "env", "resources");
        container["name"] = "nim";
        if (spec.Member("image").Text("repository") is { } repository)
            container["image"] = $"{repository}:{spec.Member("image").Text("tag") ?? "latest"}";
        var pod = Copy(spec, "nodeSelector", "tolerations", "affinity", "initContainers");
        pod["containers"] = new JsonArray(container);
        if (spec.Member("draResources") is { ValueKind: JsonValueKind.Array })
            pod["resourceClaims"] = new JsonArray([.. spec.Member("draResources").Items().Select(NimClaim)]);
        return Templates.Spec(Element(pod), role, spec.Member("multiNode") is null ? 1 : null);
    }

    /// <summary>A claim that is named as in a pod (api/apps/v1alpha1/dra_types.go, DRAResource); one that the operator is yet to make is of a name that nobody knows.</summary>
    private static JsonNode NimClaim((string At, JsonElement? Item) claim)
    {
        var named = Copy(claim.Item, "resourceClaimName", "resourceClaimTemplateName");
        named["name"] = $"claim-{claim.At}";
        return named;
    }

    /// <summary>ome.io InferenceService: an engine and a decoder, of one pod or of a leader and workers; what they lack is their runtime's (ome pkg/apis/ome/v1beta1).</summary>
    public static IEnumerable<WorkloadPods> OmeInferenceService(JsonElement? service) =>
        from part in OmeParts
        let component = service.Member("spec", part)
        from pods in Templates.Container(component.Member("runner"), part, 1, component)
            .Concat(Templates.Container(component.Member("leader", "runner"), $"{part} leader", 1, component.Member("leader")))
            .Concat(Templates.Container(component.Member("worker", "runner"), $"{part} worker", component.Member("worker").Number("size"), component.Member("worker")))
            .Concat(Templates.Container(component.Member("model"), part, 1, component))
        select pods.ToleratingMore();

    private static IEnumerable<WorkloadPods> Roles(JsonElement? service, params string[] at) =>
        from role in service.Member(at).Items()
        from pods in Templates.Template(role.Item.Member("template"), Name(role.Item), role.Item.Number("podGroupSize") ?? 1, [.. at, role.At, "template"])
        select pods;

    private static IEnumerable<WorkloadPods> Shared(JsonElement? roles, string? name, string role, long size) =>
        from shared in roles.Member("spec", "roleTemplates").Items()
        where name is not null && shared.Item.Text("name") == name
        from pods in Templates.Template(shared.Item.Member("template"), role, size, "spec", "roleTemplates", shared.At, "template")
        select pods;

    private static IEnumerable<WorkloadPods> Components((string At, JsonElement? Item) role, string[] holder) =>
        from component in holder.Length > 0 ? [] : role.Item.Member("customComponentsPattern", "components").Items()
        from pods in Templates.Template(
            component.Item.Member("template"), $"{Name(role.Item)} {Name(component.Item)}", component.Item.Number("size") ?? 1, "spec", "roles", role.At, "customComponentsPattern", "components", component.At, "template")
        select pods;

    /// <summary>One without members changes nothing; the size of a group stands where its patches do.</summary>
    private static bool IsPatch(JsonElement? written) => written is { ValueKind: JsonValueKind.Object } patch && patch.EnumerateObject().Any(member => member.Value.ValueKind != JsonValueKind.Number);

    private static JsonElement? DynamoPod(JsonElement? service)
    {
        if (service.Member("extraPodSpec") is not { ValueKind: JsonValueKind.Object } extra)
            return null;
        var pod = JsonObject.Create(extra)!;
        var main = (pod["mainContainer"]?.DeepClone() as JsonObject) ?? [];
        pod.Remove("mainContainer");
        main["name"] ??= "main";
        var resources = service.Member("resources");
        if (resources is not null && main["resources"] is null)
            main["resources"] = new JsonObject { ["limits"] = DynamoAmounts(resources.Member("limits")), ["requests"] = DynamoAmounts(resources.Member("requests")) };
        pod["containers"] = new JsonArray([main, .. (pod["containers"] as JsonArray ?? []).Select(other => other?.DeepClone())]);
        return Element(pod);
    }

    /// <summary>gpu, of nvidia.com unless gpuType says another resource.</summary>
    private static JsonObject DynamoAmounts(JsonElement? amounts)
    {
        var known = new JsonObject();
        if (amounts.Member("gpu") is { } gpus)
            known[amounts.Text("gpuType") is { Length: > 0 } type ? type : GpuResources.Nvidia] = JsonNode.Parse(gpus.GetRawText());
        return known;
    }

    private static JsonObject Copy(JsonElement? from, params string[] fields)
    {
        var copied = new JsonObject();
        foreach (var field in fields)
            if (from.Member(field) is { } value)
                copied[field] = JsonNode.Parse(value.GetRawText());
        return copied;
    }

    private static JsonElement Element(JsonObject made) => JsonSerializer.SerializeToElement(made, ManifestJson.Node);

    private static string Name(JsonElement? named) => named.Text("name") ?? "role";
}
