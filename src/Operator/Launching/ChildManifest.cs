using System.Text.Json.Nodes;

namespace GpuMem.Operator.Launching;

/// <summary>What the manifests of all children have: the name of their owner, its label, and a reference to it.</summary>
internal static class ChildManifest
{
    public static JsonObject Metadata<T>(T owner, JsonObject labels)
        where T : k8s.IKubernetesObject<V1ObjectMeta>
    {
        var reference = owner.CreateOwnerReference();
        return new JsonObject
        {
            ["labels"] = labels,
            ["name"] = owner.Name(),
            ["namespace"] = owner.Namespace(),
            ["ownerReferences"] = new JsonArray(new JsonObject
            {
                ["apiVersion"] = reference.ApiVersion,
                ["blockOwnerDeletion"] = true,
                ["controller"] = true,
                ["kind"] = reference.Kind,
                ["name"] = reference.Name,
                ["uid"] = reference.Uid,
            }),
        };
    }

    /// <summary>A member that is an object; made where there is none.</summary>
    public static JsonObject Member(this JsonObject parent, string name)
    {
        if (parent[name] is JsonObject present)
            return present;
        var made = new JsonObject();
        parent[name] = made;
        return made;
    }
}
