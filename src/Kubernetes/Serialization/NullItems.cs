using System.Collections;

namespace GpuMem.Kubernetes.Serialization;

/// <summary>
/// The API server keeps no list with a null in it: whoever sends one is no API server, or none that works. Such an object cannot be read, as one
/// cannot whose name is a number, and nobody who walks a list has to think of it. The lists of a pod and its containers alone may have one: people
/// leave an item empty in their files, and who reads those skips it.
/// </summary>
internal static class NullItems
{
    internal static void Refuse(JsonTypeInfo type)
    {
        if (type.Type.Namespace != typeof(V1Pod).Namespace || type.Type == typeof(V1PodSpec) || type.Type == typeof(V1Container))
            return;
        (string Name, Func<object, object?> Get)[] lists =
            [.. type.Properties.Where(member => member.Get is not null && IsListOfReferences(member.PropertyType)).Select(member => (member.Name, member.Get!))];
        if (lists.Length == 0)
            return;
        type.OnDeserialized = read =>
        {
            foreach ((string name, Func<object, object?> get) in lists)
                if (get(read) is IList list && HasNull(list))
                    throw new JsonException($"{name}: a list must have no null in it");
        };
    }

    private static bool IsListOfReferences(Type type) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IList<>) && !type.GenericTypeArguments[0].IsValueType;

    private static bool HasNull(IList list)
    {
        for (int i = 0; i < list.Count; i++)
            if (list[i] is null)
                return true;
        return false;
    }
}
