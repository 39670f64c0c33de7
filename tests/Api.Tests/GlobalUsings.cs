global using k8s.Models;
